"""What a problem is linked to: its incidents, and the changes that fix it. Arrows lie in `itsm.work`."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from incidents.incident.models import Incident
from incidents.incident.workflow import OPEN
from incidents.problem import permissions
from incidents.problem.models import Problem
from incidents.problem.workflow import Status
from itsm.kernel.actors import Actor
from itsm.work.models import Link

CHANGE = "change"  # the kind of what lies above, as its links name it


class Fix(NamedTuple):
    """A change that fixes a problem, as who knows changes says it. `state`: in words."""

    number: int
    reference: str
    summary: str
    url: str
    state: str
    is_over: bool
    succeeded: bool


Source = Callable[[Collection[int]], Iterable[Fix]]
Askers = Callable[[Actor], bool]
_sources: list[Source] = []
_askers: list[Askers] = []


def fixes_come_from(source: Source, askers: Askers) -> None:
    """`source(numbers)` says how these changes stand, `askers(actor)` whether somebody may ask for one. Called once, in
    `ready()` of what knows changes."""
    if source not in _sources:
        _sources.append(source)
        _askers.append(askers)


def may_ask_for_fix(actor: Actor) -> bool:
    """Whether the actor may ask for a change that fixes a problem: no one else is offered it."""
    return any(may_ask(actor) for may_ask in _askers)


def drawn_to_incidents() -> "QuerySet[Link]":
    """The arrows from problems to the incidents that they caused, as people and rules linked them."""
    return Link.objects.filter(from_kind=Problem.kind, to_kind=Incident.kind, meaning=Link.Meaning.CAUSED)


def incident_ids(problem: Problem) -> "QuerySet[Link, Any]":
    """The ids of the incidents that it caused."""
    return drawn_to_incidents().filter(from_id=problem.pk).values_list("to_id", flat=True)


def problem_ids(incident_ids: Collection[int]) -> "QuerySet[Link, Any]":
    """The ids of the problems that caused any of these incidents."""
    return drawn_to_incidents().filter(to_id__in=incident_ids).values_list("from_id", flat=True)


def incidents_of(problem: Problem, actor: Actor) -> QuerySet[Incident]:
    """Its incidents, as far as the actor may see them, the newest first."""
    return Incident.objects.visible_to(actor).filter(pk__in=incident_ids(problem)).order_by("-pk")


def waiting_for(problem: Problem, actor: Actor) -> QuerySet[Incident]:
    """Its open incidents that the actor may see, not merged into others."""
    return incidents_of(problem, actor).filter(status__in=OPEN, merged_into=None)


def may_tell(problem: Problem, actor: Actor) -> bool:
    """Whether the actor may tell those who wait for it, as it stands."""
    told_of = problem.status not in {Status.PROPOSED, Status.DISMISSED}
    return told_of and actor.id is not None and permissions.workers(actor, problem)


def fix_numbers(problem_id: int) -> list[int]:
    """The numbers of the changes that fix it, in the order in which they were linked."""
    drawn = Link.objects.filter(from_kind=CHANGE, to_kind=Problem.kind, to_id=problem_id, meaning=Link.Meaning.FIXES)
    return list(drawn.order_by("id").values_list("from_id", flat=True))


def fixes_of(problem: Problem) -> list[Fix]:
    """The changes that fix it, and how they stand. Two queries."""
    return fixes_named(fix_numbers(problem.pk))


def fixes_named(numbers: Collection[int]) -> list[Fix]:
    """How the changes of these numbers stand. One query, none where there is no number."""
    return [fix for source in _sources for fix in source(numbers)] if numbers else []


def fixed_by(change_number: int) -> list[int]:
    """The ids of the problems that a change fixes."""
    drawn = Link.objects.filter(
        from_kind=CHANGE, from_id=change_number, to_kind=Problem.kind, meaning=Link.Meaning.FIXES
    )
    return list(drawn.order_by("id").values_list("to_id", flat=True))


def problems_of(incident: Incident, actor: Actor) -> QuerySet[Problem]:
    """The problems that are said to have caused an incident, as far as the actor may see them."""
    return Problem.objects.visible_to(actor).filter(pk__in=problem_ids([incident.pk])).order_by("-pk")
