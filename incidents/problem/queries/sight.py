"""Who sees a problem, and how it is found."""

from dataclasses import replace

from django.utils.translation import gettext

from incidents.problem import permissions
from incidents.problem.models import Problem
from itsm import rows
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search import offers

RELATED = ("service", "service__team", "category", "team", "owner", "opened_by", "duplicate_of")


def by_reference(actor: Actor, text: str) -> Problem:
    """The problem with this reference, or NotFound (also where it may not be seen)."""
    number = number_in(text, "PRB")
    problem = rows.joined(Problem, RELATED, "it.id = %s", [number]) if number else None
    if problem is None or not may_see(actor, problem):
        raise NotFound(gettext("There is no problem %(text)s, or you may not see it.") % {"text": text[:20]})
    return problem


def may_see(actor: Actor, problem: Problem) -> bool:
    """Whether this one is there for the actor."""
    return actor.is_system or permissions.readers(actor, problem)


def is_confidential(problem: Problem) -> bool:
    """Whether it lies in a confidential queue."""
    return bool(problem.team.confidential)


def as_found(problem: Problem) -> offers.Entry:
    """How a problem is found: by those who see its queue."""
    return offers.Entry(
        problem.statement,
        problem.get_absolute_url(),
        "\n".join(filter(None, [problem.symptom, problem.cause, problem.workaround])),
        audience=offers.queue(problem.team_id),
        about=(*offers.service(problem.service_id), *offers.user(problem.owner_id)),
        is_over=not problem.is_standing,
    )


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by problem and relation, what they may read now. One query or two."""
    actor = replace(actor_for(user, Door.TASK), memo={})  # rights are asked once
    seen = Problem.objects.visible_to(actor).filter(pk__in=list(told)).values_list("pk", flat=True)
    return {(pk, one) for pk in seen for one in told[pk]} if permissions.staff(actor) else set()
