"""Where an objective's measurements come from, and how each source has been lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Min, Q

from slo.engine.methods import Method
from slo.engine.samples import instant_of
from slo.measuring.models import Indicator, UptimeCheck
from slo.measuring.queries.silence import SilentQuery, silent_queries
from slo.measuring.vocabulary import QUERIES
from slo.objectives.models import Objective
from slo.objectives.queries.members import MemberTerms
from slo.objectives.queries.wording import in_percent


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One indicator: what it is in the objective (`role`, of a composite), and its source's condition."""

    indicator: Indicator
    target: str = ""
    slice_target: str = ""
    weight: Decimal | None = None

    @property
    def check(self) -> UptimeCheck | None:
        """What Headroom itself tries, for an uptime check."""
        return getattr(self.indicator, "check_made", None)

    @property
    def failing_since(self) -> datetime | None:
        """Since when the indicator, or else its source, could not be asked; None where it can."""
        source = self.indicator.data_source
        return self.indicator.failing_since or (source.failing_since if source else None)

    @property
    def error(self) -> str:
        """What the last question met, of the indicator or else of its source; empty for nothing."""
        source = self.indicator.data_source
        return self.indicator.last_error or (source.last_error if source else "")

    @property
    def warnings(self) -> list[str]:
        """What the source warned of with its last answer, one each."""
        return self.indicator.last_warning.splitlines()

    @property
    def silent(self) -> list[SilentQuery]:
        """The queries that got no data."""
        return silent_queries(self.indicator)

    @property
    def seen_at(self) -> datetime | None:
        """The last pull or check; nothing is known of when a program sent last but its newest minute."""
        return self.check.last_checked_at if self.check else self.indicator.last_pull_at

    @property
    def is_measured(self) -> bool:
        """It has brought at least one measurement; an answer without any is none."""
        return self.began is not None

    @property
    def began(self) -> datetime | None:
        """How far back its measurements reach."""
        minute: int | None = getattr(self.indicator, "began", None)
        return None if minute is None else instant_of(minute)

    @property
    def is_failing_check(self) -> bool:
        """What Headroom tried itself did not answer as it should."""
        return self.check is not None and bool(self.check.last_result)

    @property
    def queries(self) -> list[tuple[str, str]]:
        """Label and text of each query that it has."""
        asked = [(str(Indicator._meta.get_field(name).verbose_name), getattr(self.indicator, name)) for name in QUERIES]  # type: ignore[union-attr]
        return [(label, text) for label, text in asked if text]


def source_rows(objective: Objective, members: Sequence[MemberTerms]) -> list[SourceRow]:
    """One query, however many members."""
    alone = objective.indicator_id
    ids = [alone] if alone else [one.indicator.pk for one in members]
    own = Min("feeds__series__began_minute", filter=Q(feeds__series__method=Method.OCCURRENCES.value))
    found = Indicator.objects.filter(pk__in=ids).annotate(began=own).select_related("data_source", "check_made")
    known = {one.pk: one for one in found}
    if alone:
        return [SourceRow(known[alone])]
    own_targets = objective.method == Method.OCCURRENCES
    return [
        SourceRow(
            known[one.indicator.pk],
            target=in_percent(one.target) if own_targets else "",
            slice_target=in_percent(one.time_slice_target) if one.time_slice_target is not None else "",
            weight=one.weight if objective.method != Method.TIMESLICES else None,
        )
        for one in members
    ]
