"""Who hears of what happens to a problem: by rule and wish, nobody of their own deed."""

from collections.abc import Iterable, Mapping

from incidents.problem.models import Problem
from itsm.accounts.models import User
from itsm.accounts.queues import owners_in, who_work_in
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell


def tell_owner(problem: Problem, actor: Actor) -> None:
    """Whoever was given it to own, by somebody else. Raises nothing."""
    subject = _("%(problem)s is yours: %(statement)s") % _named(problem)
    _tell(problem, actor, "problem.assigned", {"assignee": [problem.owner_id]}, subject)


def tell_of_task(problem: Problem, actor: Actor, title: str, person: User | None) -> None:
    """Whoever was given a task on it. Raises nothing."""
    subject = _("%(problem)s: a task for you: %(task)s") % {**_named(problem), "task": title}
    _tell(problem, actor, "problem.task_given", {"assignee": [person.pk if person is not None else None]}, subject)


def tell_of_proposal(problem: Problem, actor: Actor) -> None:
    """The people of its queue: somebody accepts or dismisses it. Raises nothing."""
    subject = _("%(problem)s is proposed: %(statement)s") % _named(problem)
    _tell(problem, actor, "problem.proposed", {"team": who_work_in(problem.team.pk)}, subject, problem.why)


def tell_of_recurrence(problem: Problem, actor: Actor, why: str) -> None:
    """Its owner, else the people of its queue: it came back. Raises nothing."""
    subject = _("%(problem)s came back: %(statement)s") % _named(problem)
    _tell(problem, actor, "problem.recurred", _working_on(problem), subject, why)


def tell_of_closed_fix(problem: Problem, actor: Actor, reference: str, outcome: str) -> None:
    """Its owner: a change that fixes it is over. Raises nothing."""
    subject = _("%(reference)s, which fixes %(problem)s, is over: %(outcome)s") % {
        **_named(problem), "reference": reference, "outcome": outcome,
    }  # fmt: skip
    _tell(problem, actor, "problem.fix_closed", {"assignee": [problem.owner_id]}, subject)


def tell_of_review(problem: Problem, actor: Actor) -> None:
    """Its owner, and who answers for the service. Raises nothing."""
    subject = _("%(problem)s: the accepted risk is to be looked at again: %(statement)s") % _named(problem)
    concerned = {"assignee": [problem.owner_id], "lead": [problem.risk_accepted_by_id, *_owners_of_service(problem)]}
    _tell(problem, actor, "problem.review_due", concerned, subject, problem.reason)


def _owners_of_service(problem: Problem) -> list[int]:
    team = problem.service.team_id if problem.service is not None else None
    return list(owners_in(team).values_list("pk", flat=True))


def _working_on(problem: Problem) -> dict[str, Iterable[int | None]]:
    return {"assignee": [problem.owner_id]} if problem.owner_id is not None else {"team": who_work_in(problem.team.pk)}


def _named(problem: Problem) -> dict[str, str]:
    return {"problem": problem.reference, "statement": problem.statement}


def _tell(
    problem: Problem, actor: Actor, event: str, concerned: Mapping[str, Iterable[int | None]], subject: Words,
    body: Words = "",
) -> None:  # fmt: skip
    tell(event, concerned, subject, by=actor.id, body=body, path=problem.get_absolute_url(), record=problem)
