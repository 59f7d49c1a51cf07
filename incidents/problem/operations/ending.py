"""How a problem ends without a fix, lives on in another, and is taken up again."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.problem.models import FixWord, Problem
from incidents.problem.operations import working
from incidents.problem.operations.broadcasting import owe
from incidents.problem.operations.steps import VERIFYING
from incidents.problem.operations.telling import tell_of_review
from incidents.problem.vocabulary import CloseCode
from incidents.problem.workflow import STANDING, WORKFLOW
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.kernel.references import number_in
from itsm.kernel.texts import is_blank
from itsm.locks import AdvisoryLock
from itsm.work.linking import move_links
from itsm.work.tasks import move_open_tasks

REVIEW = "problem_risk_review"


@WORKFLOW.takes("accept_risk")
def accept_risk(
    problem: Problem, *, actor: Actor, reason: str = "", risk_review_at: datetime | None = None,
    at: datetime | None = None,
) -> Problem:  # fmt: skip
    """Whoever answers for the service lives with it, until a review within twelve months. Those who wait are told.

    Raises WrongState, NotPermitted, and MissingInformation without a reason or a review in time.
    """
    with lifecycle.step(problem, "accept_risk", actor=actor, remark=reason) as current:
        current.reason, current.risk_review_at, current.risk_accepted_by_id = reason, risk_review_at, actor.id
        current.close_code, current.closed_at = CloseCode.RISK_ACCEPTED.value, at or timezone.now()
        if risk_review_at is not None:
            due.schedule(REVIEW, current.kind, current.pk, risk_review_at)
        if not is_blank(reason):
            words = gettext("The risk is accepted, nothing will be fixed for now: %(reason)s") % {"reason": reason}
            owe(current, words, actor=actor, requesters=False, at=current.closed_at)
    return current


def review_when_due(problem_id: int, at: datetime) -> None:
    """The review of an accepted risk is due: who answers for it is told; the list shows it. Raises nothing."""
    problem = Problem.objects.filter(pk=problem_id, close_code=CloseCode.RISK_ACCEPTED).first()
    if problem is not None and problem.risk_review_at is not None and problem.risk_review_at <= at:
        system = Actor.system("reviews of accepted risks")
        lifecycle.announce(problem, "review_due", actor=system)
        tell_of_review(problem, system)


@WORKFLOW.takes("cancel")
def cancel(problem: Problem, *, actor: Actor, reason: str, at: datetime | None = None) -> Problem:
    """It was none. Raises WrongState, NotPermitted, MissingInformation."""
    with lifecycle.step(problem, "cancel", actor=actor, remark=reason) as current:
        current.reason = reason
        current.close_code, current.closed_at = CloseCode.CANCELLED.value, at or timezone.now()
    return current


@WORKFLOW.takes("re_analyse")
def re_analyse(problem: Problem, *, actor: Actor, reason: str) -> Problem:
    """It is not over: the fix did not hold, the risk grew, or it was closed by mistake. What was said of its fixes
    proves nothing any more: it is said anew.

    Raises NotPermitted for everybody but managers (and recurrence), WrongState, MissingInformation, Conflict where it
    lives on in another, or another of the same signature stands.
    """
    with lifecycle.step(problem, "re_analyse", actor=actor, remark=reason) as current:
        if current.duplicate_of_id is not None:
            raise Conflict(
                gettext("%(reference)s lives on in %(survivor)s; take that one up.")
                % {"reference": current.reference, "survivor": current.duplicate_of}
            )
        _require_only_one(current)
        due.cancel(current.kind, current.pk, REVIEW, VERIFYING)
        current.reason, current.close_code = reason, ""
        current.closed_at = current.resolved_at = current.risk_review_at = current.risk_accepted_by_id = None
        FixWord.objects.filter(problem=current).delete()
    return current


def _require_only_one(problem: Problem) -> None:
    other = Problem.objects.filter(signature=problem.signature, status__in=STANDING).exclude(signature="").first()
    if other is not None:
        raise Conflict(
            gettext("%(other)s stands for the same recurrence; work on that one.") % {"other": other.reference}
        )


@WORKFLOW.takes("merge")
@transaction.atomic
def merge(problem: Problem, *, actor: Actor, into: str, at: datetime | None = None) -> Problem:
    """Close it as a duplicate of another (a reference), or of what that one lives on in. Returns the source.

    Its links, open tasks, and what was merged into it before move there. Raises NotPermitted without a right to change
    both, WrongState, InvalidInput for one that is unseen, Conflict (into itself, a loop, into one that is over).
    """
    _one_at_a_time()
    root = _named(actor, into)
    held = {one.pk: one for one in Problem.objects.select_for_update(of=("self",), no_key=True)
            .select_related("team", "service").filter(pk__in={problem.pk, root}).order_by("pk")}  # fmt: skip
    if root == problem.pk:
        raise Conflict(
            gettext("%(into)s lives on in %(reference)s already: a loop of duplicates helps nobody.")
            % {"into": into.strip()[:20], "reference": problem.reference}
        )
    source, survivor = held[problem.pk], held[root]
    WORKFLOW.begin("merge", actor, source)
    working.require_works_on(actor, survivor)
    if not survivor.is_standing:
        raise Conflict(gettext("%(reference)s is over; nothing lives on in it.") % {"reference": survivor.reference})
    move_links(source, survivor)
    move_open_tasks(source, survivor)
    with lifecycle.step(source, "merge", actor=actor, locked_by_caller=True) as current:
        moved = Problem.objects.filter(duplicate_of=current)
        moved.update(duplicate_of=survivor)
        current.duplicate_of, current.close_code = survivor, CloseCode.DUPLICATE.value
        current.closed_at = at or timezone.now()
    lifecycle.announce(survivor, "took_in", actor=actor, changes={"merged": [None, source.reference]})
    return source


def _named(actor: Actor, text: str) -> int:
    """The id of what the problem of this reference lives on in: itself, mostly. Raises InvalidInput."""
    number = number_in(text.strip(), "PRB")
    seen = Problem.objects.visible_to(actor).filter(pk=number).first() if number is not None else None
    if seen is None:
        words = gettext("There is no problem %(text)s, or you may not see it.") % {"text": text.strip()[:20]}
        raise InvalidInput.about("into", words)
    root = seen.duplicate_of_id or seen.pk
    if not Problem.objects.visible_to(actor).filter(pk=root).exists():
        raise Conflict(gettext("%(into)s lives on in a problem that you may not see.") % {"into": text.strip()[:20]})
    return root


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.DUPLICATES])
