"""Problems as lists show them: by the error budget they burned, with how many incidents and which change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from incidents.incident.models import Incident
from incidents.problem import permissions
from incidents.problem.models import Problem
from incidents.problem.models.problems import ProblemQuerySet
from incidents.problem.queries.burn import Part, parts_by_problem, share_of
from incidents.problem.queries.linked import CHANGE, drawn_to_incidents
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import STANDING, Status
from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.work.models import Link

MOST_PARTS = 3
BY_BURN = ("-burn_minutes", "-id")
BY_REVIEW = ("risk_review_at", "id")


def listed(actor: Actor) -> ProblemQuerySet:
    """Those that the actor may see, with what their rows name."""
    return Problem.objects.visible_to(actor).select_related("service", "owner", "team", "category", "duplicate_of")


def worth_improving(actor: Actor) -> ProblemQuerySet:
    """Standing problems that an improvement may be about, what burned most first."""
    return Problem.objects.visible_to(actor).filter(status__in=STANDING).order_by(*BY_BURN)


def reviews_due(rows: ProblemQuerySet) -> ProblemQuerySet:
    """Accepted risks whose review is due."""
    return rows.filter(close_code=CloseCode.RISK_ACCEPTED, risk_review_at__lte=timezone.now())


def proposed_for(actor: Actor) -> Composed[Any]:
    """The proposals that wait for somebody, who may take them up, for the navigation: no more than a hundred."""
    return _proposed(Asker.of(actor))


@composed
def _proposed(asker: Asker) -> QuerySet[Any, Any]:
    rows = Problem.objects.visible_to(asker.actor).filter(status=Status.PROPOSED)
    if not permissions.responders(asker.actor):
        rows = rows.none()
    elif not asker.rights.everywhere:
        rows = rows.filter(team__in=sorted(asker.rights.change))
    return rows.order_by().values("pk")[:100]


@dataclass(frozen=True, slots=True)
class ListRow:
    """`incidents`: how many it caused that the reader may see; `fix`: the change that fixes it, the last one named.

    `share`: of all minutes that were burned; `parts`: the dearest outages behind its own.
    """

    problem: Problem
    incidents: int
    fix: str
    share: Decimal
    parts: Sequence[Part]


def list_rows(problems: Sequence[Problem], actor: Actor, total: Decimal) -> list[ListRow]:
    """The rows of these problems, in their order; `total`: all minutes that were burned. Three queries for any
    number."""
    ids = [one.pk for one in problems]
    caused, fixes = _incidents_by_problem(ids, actor), _fixes_by_problem(ids)
    parts = parts_by_problem(ids, MOST_PARTS)
    return [
        ListRow(
            one, caused.get(one.pk, 0), fixes.get(one.pk, ""), share_of(one.burn_minutes, total), parts.get(one.pk, ())
        )
        for one in problems
    ]


def _incidents_by_problem(ids: Collection[int], actor: Actor) -> dict[int, int]:
    seen = Incident.objects.visible_to(actor).values("pk")
    drawn = drawn_to_incidents().filter(from_id__in=ids, to_id__in=seen)
    counted: QuerySet[Link, tuple[int, int]] = (
        drawn.order_by().values_list("from_id").annotate(total=Count("pk")).values_list("from_id", "total")
    )
    return dict(counted)


def _fixes_by_problem(ids: Collection[int]) -> dict[int, str]:
    drawn = Link.objects.filter(from_kind=CHANGE, to_kind=Problem.kind, to_id__in=ids, meaning=Link.Meaning.FIXES)
    return {
        problem: reference("CHG", number) for problem, number in drawn.order_by("id").values_list("to_id", "from_id")
    }
