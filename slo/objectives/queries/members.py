"""The indicators of a composite, and what they mean together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import F, Prefetch, QuerySet

from slo.engine.burn import error_budget_ppb
from slo.engine.methods import PPM, Method
from slo.engine.windows import PPB
from slo.measuring.models import Indicator
from slo.objectives.models import Objective, ObjectiveVersion, VersionMember


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """One indicator of a composite. Only occurrences read the target, only timeslices their slice target."""

    indicator: Indicator
    target: Decimal
    weight: Decimal = Decimal(1)
    time_slice_target: Decimal | None = None


def current_members(objective: Objective) -> list[MemberTerms]:
    """The members of the version in force. An objective of one indicator has none, and costs no query."""
    if not objective.is_composite:
        return []
    fetched = getattr(objective, "current_version", None)
    found: Iterable[VersionMember] = (
        fetched[0].members.all()
        if fetched
        else VersionMember.objects.filter(version__objective=objective, version__number=objective.terms_version)
        .select_related("indicator")
        .order_by("place")
    )
    return [MemberTerms(one.indicator, one.target, one.weight, one.time_slice_target) for one in found]


def with_members(objectives: QuerySet[Objective]) -> QuerySet[Objective]:
    """Many objectives with what `current_members` needs: two queries for all of them."""
    members = VersionMember.objects.select_related("indicator").order_by("place")
    current = ObjectiveVersion.objects.filter(number=F("objective__terms_version"))
    return objectives.prefetch_related(
        Prefetch("versions", current.prefetch_related(Prefetch("members", members)), to_attr="current_version")
    )


def effective_budget_ppb(objective: Objective, members: Sequence[MemberTerms]) -> int:
    """The budget ratio whose total outage burns as fast as this objective's can: the members' burns add up."""
    if not members or objective.method != Method.OCCURRENCES:
        return objective.error_budget_ppb
    most_burn = sum(
        (Fraction(int(one.weight * PPM), PPM) * Fraction(PPB, error_budget_ppb(one.target)) for one in members),
        Fraction(0),
    )
    return int(PPB / most_burn)
