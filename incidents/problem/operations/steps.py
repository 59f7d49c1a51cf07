"""The steps of a problem's table on its way to a fix; `ending` has those by which it ends."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.problem.models import Problem
from incidents.problem.operations import working
from incidents.problem.operations.opening import require_may_own
from incidents.problem.operations.telling import tell_of_closed_fix, tell_owner
from incidents.problem.queries.linked import fix_numbers, fixed_by, fixes_of, incident_ids
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import QUIET, STANDING, WORKFLOW, Status
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank
from itsm.work import linking
from itsm.work.linking import Relation

VERIFYING = "problem_is_quiet"


@WORKFLOW.takes("accept")
def accept(problem: Problem, *, actor: Actor) -> Problem:
    """What recurrence proposed is a problem. Raises WrongState and NotPermitted."""
    with lifecycle.step(problem, "accept", actor=actor) as current:
        pass
    return current


@WORKFLOW.takes("dismiss")
def dismiss(problem: Problem, *, actor: Actor, reason: str, at: datetime | None = None) -> Problem:
    """It is none; for 28 days the same is not proposed again, unless it doubles.

    Raises WrongState, NotPermitted, MissingInformation.
    """
    with lifecycle.step(problem, "dismiss", actor=actor, remark=reason) as current:
        current.reason, current.dismissed_at = reason, at or timezone.now()
    return current


@WORKFLOW.takes("assess")
def assess(problem: Problem, *, actor: Actor, owner: str = "") -> Problem:
    """Its cause is looked for, by `owner` (a user name; else who owns it already, else the actor).

    Raises WrongState, NotPermitted, InvalidInput (no such person, who may not work in its queue), MissingInformation.
    """
    with lifecycle.step(problem, "assess", actor=actor) as current:
        before = current.owner_id
        if owner.strip():
            current.owner = _person(owner, current)
        elif current.owner_id is None and actor.is_human:
            current.owner_id = actor.id
        if current.owner_id != before:
            tell_owner(current, actor)
    return current


def _person(name: str, problem: Problem) -> User:
    found = User.objects.filter(username__iexact=name.strip()).first()
    if found is None:
        raise InvalidInput.about("owner", gettext("There is no account of this name."))
    require_may_own(found, problem.team)
    return found


@WORKFLOW.takes("know")
def know(
    problem: Problem, *, actor: Actor, cause: str = "", cause_unknown: bool = False, workaround: str = ""
) -> Problem:
    """Its cause is known, or known to be unknown, and so is what helps until it is fixed.

    Raises WrongState, NotPermitted, and MissingInformation naming everything that is not said.
    """
    with lifecycle.step(problem, "know", actor=actor) as current:
        if not is_blank(cause):
            current.cause = cause
        if not is_blank(workaround):
            current.workaround = workaround
        current.cause_unknown = cause_unknown and is_blank(current.cause)
    return current


@WORKFLOW.takes("fix")
def fix(problem: Problem, *, actor: Actor, change: str = "") -> Problem:
    """A change fixes it: `change` (a reference), else the one that is linked already. Whoever says so gives their word.

    Raises WrongState, NotPermitted, InvalidInput (no such change), MissingInformation without one.
    """
    with lifecycle.step(problem, "fix", actor=actor) as current:
        if not is_blank(change):
            named = working.change_named(actor, change, "change")
            linking.connect(current, actor=actor, to=named.reference, relation=Relation.FIXED_BY)
            numbers = [named.pk]
        else:
            numbers = fix_numbers(current.pk)[-1:]
        for number in numbers:
            working.give_word(current, number, actor=actor, at=timezone.now())
        current.has_fix = bool(numbers)
    return current


@WORKFLOW.takes("resolve")
def resolve(problem: Problem, *, actor: Actor, at: datetime | None = None) -> Problem:
    """The fix is in place: every change that fixes it is over, and one of them was successful. Then it is watched.

    Raises WrongState, NotPermitted, MissingInformation naming what is missing.
    """
    with lifecycle.step(problem, "resolve", actor=actor) as current:
        current.fix_missing = _what_is_missing(current)
        current.resolved_at = at or timezone.now()
        due.schedule(VERIFYING, current.kind, current.pk, current.resolved_at + QUIET)
    return current


def _what_is_missing(problem: Problem) -> str:
    fixes = fixes_of(problem)
    if open_ones := [one.reference for one in fixes if not one.is_over]:
        return gettext("%(changes)s is not closed yet.") % {"changes": ", ".join(open_ones)}
    if not any(one.succeeded for one in fixes):
        return gettext("No change that fixes it was closed as successful.")
    return ""


@WORKFLOW.takes("verify")
def verify(problem: Problem, *, actor: Actor, at: datetime | None = None) -> Problem:
    """The fix holds: a person says so, or fourteen quiet days do. Raises WrongState and NotPermitted."""
    with lifecycle.step(problem, "verify", actor=actor) as current:
        current.close_code, current.closed_at = CloseCode.FIX_APPLIED.value, at or timezone.now()
        due.cancel(current.kind, current.pk, VERIFYING)
    return current


def follow_closed_fix(change_number: int, reference: str, outcome: str, *, actor: Actor) -> int:
    """A change is over: note it on the standing problems that it fixes, and tell their owners. How many.

    In the caller's transaction; called by who knows changes. Raises nothing.
    """
    found = Problem.objects.filter(pk__in=fixed_by(change_number), status__in=STANDING).order_by("pk")
    for problem in found:
        lifecycle.announce(problem, "fix_closed", actor=actor, changes={"change": [None, f"{reference}: {outcome}"]})
        tell_of_closed_fix(problem, actor, reference, outcome)
    return len(found)


def verify_when_due(problem_id: int, at: datetime) -> None:
    """Fourteen days after it was resolved: the fix is verified where nothing came back. What came back is for people.

    Raises nothing.
    """
    problem = Problem.objects.filter(pk=problem_id, status=Status.RESOLVED).first()
    if problem is None or problem.resolved_at is None or problem.resolved_at + QUIET > at:
        return
    since = Incident.objects.filter(pk__in=incident_ids(problem), opened_at__gt=problem.resolved_at)
    if not since.exists():
        verify(problem, actor=Actor.system("fourteen quiet days"), at=at)
