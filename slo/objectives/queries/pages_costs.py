"""What one incident or change may have cost, for a part of its page: what was ruled out stays, so it can be undone."""

from dataclasses import dataclass

from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in
from slo.engine.attribution import Reason
from slo.engine.methods import Method
from slo.objectives.models import Objective, Outage, OutageCause
from slo.objectives.queries import wording
from slo.objectives.queries.candidate_causes import SENTENCES
from slo.objectives.queries.outages import Cost


@dataclass(frozen=True, slots=True)
class OutageRow:
    """An outage as pages show it: when it was in one sentence, and what failed in its method's words."""

    outage: Outage
    objective: Objective

    @property
    def when(self) -> str:
        """From when to when, for people."""
        return wording.stretch(self.outage.started_at, self.outage.ended_at)

    @property
    def likely(self) -> list[OutageCause]:
        """What is worth looking at: changes first, then major incidents and whatever people have spoken about."""
        causes = [one for one in self.outage.causes.all() if not _is_ordinary(one)]
        return sorted(causes, key=lambda one: (_is_ticket(one), -one.score))

    @property
    def ordinary(self) -> list[OutageCause]:
        """Tickets that lie near it, as signs do: pages fold them into one counted line."""
        return [one for one in self.outage.causes.all() if _is_ordinary(one)]

    @property
    def lost(self) -> str:
        """ "1 435 failed events in 5 burning minutes"."""
        method, failed = self.objective.method, self.outage.failed
        if method == Method.OCCURRENCES:
            text = gettext("%(failed)s failed events in %(minutes)s burning minutes")
        elif method == Method.TIMESLICES:
            text = gettext("%(failed)s bad slices, %(minutes)s minutes")
        else:
            text = gettext("%(failed)s slices lost in %(minutes)s burning minutes")
        shown = f"{failed.normalize():,f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        return text % {"failed": shown, "minutes": self.outage.minutes}


def _is_ticket(cause: OutageCause) -> bool:
    return number_in(cause.reference, "INC") is not None


def _is_ordinary(cause: OutageCause) -> bool:
    is_major = str(SENTENCES[Reason.MAJOR]) in cause.why
    return _is_ticket(cause) and cause.verdict == OutageCause.Verdict.SUSPECTED and not is_major


@dataclass(frozen=True, slots=True)
class RecordCost:
    """One objective: `cost` without what was ruled out, `lines` with it, in the order of time."""

    cost: Cost
    lines: list[tuple[OutageRow, OutageCause]]


def record_costs(actor: Actor, reference: str) -> list[RecordCost]:
    """By objective, dearest first. One query."""
    found = (
        OutageCause.objects.filter(reference=reference, outage__objective__in=Objective.objects.visible_to(actor))
        .select_related("outage__objective__service")
        .order_by("outage__started_at", "pk")
    )
    by_objective: dict[int, list[OutageCause]] = {}
    for cause in found:
        by_objective.setdefault(cause.outage.objective_id, []).append(cause)
    costs = [_record_cost(causes) for causes in by_objective.values()]
    return sorted(costs, key=lambda one: one.cost.share, reverse=True)


def _record_cost(causes: list[OutageCause]) -> RecordCost:
    held = [one for one in causes if one.verdict != OutageCause.Verdict.RULED_OUT]
    objective = causes[0].outage.objective
    return RecordCost(Cost(objective, held), [(OutageRow(one.outage, objective), one) for one in causes])
