"""Everything the page of one objective shows beside its chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext

from incidents.incident.queries import seen_by
from itsm.kernel.actors import Actor
from slo.engine.levels import HYSTERESIS_MARGIN, LIMITS
from slo.engine.methods import Method
from slo.engine.samples import instant_of
from slo.engine.states import Level
from slo.engine.windows import cautions
from slo.objectives.models import Budget, BurnAlert, Objective, ObjectiveVersion, Reservation, VersionMember
from slo.objectives.queries import wording
from slo.objectives.queries.corrections import CorrectionRow, correction_rows
from slo.objectives.queries.listing import by_slug
from slo.objectives.queries.members import MemberTerms, current_members, effective_budget_ppb
from slo.objectives.queries.objective_page.alert_rows import ExplainedRow, explained_rows
from slo.objectives.queries.objective_page.arithmetic import Arithmetic, arithmetic
from slo.objectives.queries.objective_page.exhaustion import Exhaustion, exhaustion
from slo.objectives.queries.objective_page.sources import SourceRow, source_rows
from slo.objectives.queries.objective_page.sums import ShownCoverage, ShownSum, shown_coverage, shown_sum
from slo.objectives.queries.objective_page.trust import TrustShown, trust_shown
from slo.objectives.queries.objective_rows import ObjectiveRow, objective_row
from slo.objectives.queries.outages import OutageRow, outages_in_window
from slo.objectives.queries.recovery import recovery_times

_ALERTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class VersionRow:
    """The terms of one stretch of time, as sentences. `since` None: from the beginning."""

    version: ObjectiveVersion
    promise: str
    slice_target: str
    since: datetime | None
    members: list[tuple[str, str]]  # slug, what it is in the composite
    in_window: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One objective, its budget, and everything that explains them."""

    line: ObjectiveRow
    sums: Arithmetic
    whole: ShownSum
    coverage: ShownCoverage
    exhaustion: Exhaustion
    rows: list[ExplainedRow]
    outages: list[OutageRow]
    versions: list[VersionRow]
    held: list[Reservation]
    alerts: list[BurnAlert]
    corrections: list[CorrectionRow]
    sources: list[SourceRow]
    cautions: list[str]
    recovers_at: dict[Decimal, datetime | None]
    trust: TrustShown

    @property
    def promise(self) -> str:
        """The objective as one sentence."""
        return wording.promise(self.line.objective)

    @property
    def slice_target(self) -> str:
        """What makes a slice good, for people."""
        return wording.slice_target(self.line.objective)

    @property
    def things(self) -> str:
        """What is counted: events or slices, for people."""
        return wording.things(self.line.objective)

    @property
    def limits(self) -> list[tuple[str, Decimal, datetime | None]]:
        """Level, its limit, and when waiting alone would pass it."""
        return [(level.value, limit, self.recovers_at.get(limit)) for level, limit in LIMITS.items()]

    @property
    def back_at(self) -> datetime | None:
        """When something is left again by waiting alone; None where something is, or where waiting does not help."""
        return self.recovers_at.get(LIMITS[Level.CONSTRAINED])

    @property
    def counted(self) -> Decimal:
        """How many events or slices the window holds."""
        return Decimal(self.line.budget.total_in_window) / self.sums.unit

    @property
    def margin(self) -> Decimal:
        """How far beyond a limit a budget has to recover before its state gets better."""
        return HYSTERESIS_MARGIN

    @property
    def time_left(self) -> str:
        """Of the calendar period."""
        return wording.length(self.sums.minutes_left)

    @property
    def window(self) -> str:
        """From when to when the window goes, for people."""
        return wording.stretch(instant_of(self.line.budget.window_first), self.window_ends)

    @property
    def measured_since(self) -> datetime | None:
        """Where the window reaches back to before the first measurement; None where all of it could be measured."""
        budget = self.line.budget
        return instant_of(budget.drawn_from) if budget.drawn_from > budget.window_first else None

    @property
    def window_ends(self) -> datetime:
        """The end of the window as last evaluated."""
        return instant_of(self.line.budget.window_last)


def sheet(actor: Actor, slug: str, at: datetime) -> Sheet:
    """NotFound where there is none, or none that may be seen. The number of queries is fixed."""
    objective = by_slug(actor, slug)
    budget = objective.budget
    budget.objective = objective
    members = current_members(objective)
    sums = arithmetic(objective, budget)
    return Sheet(
        line=objective_row(budget, at),
        sums=sums,
        whole=shown_sum(sums, sums.whole, members, whole=True),
        coverage=shown_coverage(sums),
        exhaustion=exhaustion(sums),
        rows=explained_rows(budget, objective, members, sums),
        outages=[OutageRow(one, objective) for one in outages_in_window(objective, budget, actor)],
        versions=_versions(objective, budget),
        held=list(Reservation.objects.in_flight(at).filter(objective=objective)),
        alerts=list(objective.alerts.prefetch_related(Prefetch("incident", seen_by(actor)))[:_ALERTS_SHOWN]),
        corrections=correction_rows(actor, objective),
        sources=source_rows(objective, members),
        cautions=_cautions(objective, members),
        recovers_at=recovery_times([objective.pk], at)[objective.pk],
        trust=trust_shown(budget, at),
    )


def _cautions(objective: Objective, members: Sequence[MemberTerms]) -> list[str]:
    budget_ppb = effective_budget_ppb(objective, members)
    return [caution.value for caution in cautions(budget_ppb, objective.window_days)]


def _versions(objective: Objective, budget: Budget) -> list[VersionRow]:
    """Newest first. Two queries."""
    rows = list(
        objective.versions.select_related("indicator").prefetch_related("members__indicator").order_by("-number")
    )
    ends = [None, *(row.from_minute for row in rows)]
    return [_version(row, end, budget) for row, end in zip(rows, ends, strict=False)]


def _version(row: ObjectiveVersion, end: int | None, budget: Budget) -> VersionRow:
    return VersionRow(
        version=row,
        promise=wording.promise(row),
        slice_target=wording.slice_target(row),
        since=instant_of(row.from_minute) if row.from_minute else None,
        members=[(one.indicator.slug, _role(row, one)) for one in row.members.all()],
        in_window=end is None or end > budget.window_first,
    )


def _role(row: ObjectiveVersion, member: VersionMember) -> str:
    if row.method == Method.TIMESLICES:
        own = row.time_slice_target if member.time_slice_target is None else member.time_slice_target
        if own is None:
            return ""
        return gettext("a slice is good from %(target)s") % {"target": wording.in_percent(own)}
    counts = gettext("weight %(weight)s") % {"weight": f"{member.weight.normalize():f}"}
    return counts if row.method != Method.OCCURRENCES else f"{wording.in_percent(member.target)}, {counts}"
