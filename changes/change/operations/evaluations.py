"""Authorisations: granted under a budget's lock, good for one content, used once, taken back when they expire."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext

from changes.allowances import operations as allowances
from changes.change.models import Change, Evaluation
from changes.change.operations import callbacks
from changes.change.operations.lasting import ENDS_SOON, HELD, notify_of_end, notify_of_time_out
from changes.gate.measures import percent, plain
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Outcome
from itsm import lifecycle, rows
from itsm.approvals.plans import withdraw_plan
from itsm.approvals.queries import open_asks
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from slo.objectives.operations import reservations

if TYPE_CHECKING:
    from slo.models import Budget

GATE = Actor.system("gate")
EXPIRES = "changes.authorisation_expires"
EVALUATE_AGAIN = "changes.evaluate_again"
PEOPLE_IN_TIME = "changes.people_in_time"
WATCH_OVER = "changes.watch_over"
# A reservation outlives its authorisation by the longest deployment and its watch; both end it sooner.
HOLD_FOR = timedelta(hours=6)


def grant(
    change: Change,
    evaluation: Evaluation,
    *,
    actor: Actor,
    until: datetime,
    decided_by: str,
    at: datetime,
    remark: str = "",
    describe: Callable[[], None] | None = None,
) -> None:
    """The change may go until `until`, once. The caller holds the locks and has judged.

    `describe` sets more fields of the change, which are saved along with the step.

    Raises WrongState and NotPermitted by the workflow's table.
    """
    evaluation.status = Evaluation.Status.APPROVED
    evaluation.decided_by = decided_by
    evaluation.expires_at = until
    evaluation.not_before = None
    evaluation.version += 1
    save_fields(evaluation, "status", "decided_by", "expires_at", "not_before", "version", "outcome", "decision")
    with lifecycle.step(change, "authorise", actor=actor, remark=remark, locked_by_caller=True):
        if describe:
            describe()
        change.authorised_until = until
        change.not_before = None
    callbacks.owe(evaluation, callbacks.APPROVED, at=at)
    due.schedule_instead(EXPIRES, change.kind, change.pk, until, of=(EVALUATE_AGAIN, PEOPLE_IN_TIME))


def save_fields(evaluation: Evaluation, *fields: str) -> None:
    """Store these fields, or all of an evaluation that is not stored yet."""
    if evaluation._state.adding:
        rows.insert(evaluation)
    else:
        evaluation.save(update_fields=fields)


def good_until(change: Change, least: datetime) -> datetime:
    """Asked ahead of its window, an authorisation is good until the window closes."""
    return max(least, change.window_end) if change.window_end else least


def unused_by_policy() -> QuerySet[Evaluation]:
    """Approvals by policy that nobody has used yet, in the order in which changes are locked."""
    return (
        Evaluation.objects.filter(
            status=Evaluation.Status.APPROVED,
            used_at=None,
            decided_by=Evaluation.DecidedBy.POLICY,
            outcome=Outcome.APPROVED.value,
        )
        .select_related("change")
        .order_by("change_id")
    )


def unused_without_people() -> QuerySet[Evaluation]:
    """Those, and what a shadow alone allowed: a closed calendar holds that as well."""
    by = Evaluation.DecidedBy
    unused = Evaluation.objects.filter(status=Evaluation.Status.APPROVED, used_at=None)
    mine = Q(decided_by=by.POLICY, outcome=Outcome.APPROVED.value) | Q(decided_by=by.SHADOW)
    return unused.filter(mine).select_related("change").order_by("change_id")


def postponed() -> QuerySet[Evaluation]:
    """What waits until it is judged again."""
    return Evaluation.objects.filter(status=Evaluation.Status.PENDING, outcome=Outcome.POSTPONED.value)


def look_again(at: datetime, **scope: Any) -> None:
    """What waits as postponed (in this scope of changes) is judged again as soon as the sweeper comes."""
    waiting = postponed().filter(**{f"change__{name}": value for name, value in scope.items()})
    for change_id in waiting.order_by("change_id").values_list("change_id", flat=True):
        due.schedule(EVALUATE_AGAIN, Change.kind, change_id, at)


def give_back(change: Change, *, actor: Actor, why: str, at: datetime) -> None:
    """Release what a change holds of budgets; who waits for a share of them has its turn. Raises nothing."""
    if reservations.release(change.reference, actor=actor, reason=why, at=at):
        allowances.give_back(change.reference, reason=why, at=at)
        look_again(at, service=change.service_id, environment=change.environment)


def reserve_budgets(
    change: Change, verdict: Verdict, budgets: "list[Budget]", *, until: datetime, at: datetime
) -> None:
    """Reserve the expected burn on each budget that the caller locked, for longer than the authorisation is good."""
    by_slug = {budget.objective.slug: budget for budget in budgets}
    for slug, ratio in sorted(verdict.reserved.items()):
        if ratio > Decimal(0):
            reservations.reserve(
                by_slug[slug], holder=change.reference, ratio=ratio, until=until + HOLD_FOR, actor=GATE, at=at,
                account_id=change.author_id,
            )  # fmt: skip
    if verdict.draws:
        allowances.draw(verdict.draws, change=change.reference, at=at)


def reserve_stake(change: Change, budgets: "list[Budget]", at: datetime) -> None:
    """An experiment that people approved holds nothing yet: what it may burn is reserved as it starts, or it does not.

    The caller locked the budgets. Raises WrongState where a budget has less than that free.
    """
    if change.stake is None:
        return
    held = set(reservations.held_by(change.reference, at))
    for budget in (one for one in budgets if one.pk not in held):
        if budget.headroom < change.stake:
            raise WrongState(
                gettext(
                    "%(objective)s has %(free)s %% of its budget free, and %(change)s may burn %(stake)s %%: start it "
                    "when there is room for that."
                )
                % {
                    "objective": budget.objective.slug,
                    "free": percent(plain(budget.headroom)),
                    "change": change.reference,
                    "stake": percent(plain(change.stake)),
                },
                state=change.status,
            )
        reservations.reserve(
            budget, holder=change.reference, ratio=change.stake, until=at + HOLD_FOR, actor=GATE, at=at,
            account_id=change.author_id,
        )  # fmt: skip


@transaction.atomic
def end(
    evaluation: Evaluation, *, actor: Actor, status: str, why: str, at: datetime, action: str = "revert"
) -> Evaluation:
    """End a live evaluation (rejected, expired, cancelled) and move its change along with it.

    Raises WrongState and NotPermitted by the workflow's table; nothing where it has ended already.
    """
    change = lifecycle.locked(evaluation.change)  # the change before its evaluation, as everywhere
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=evaluation.pk)
    evaluation.change = change
    waiting = evaluation.status == Evaluation.Status.PENDING
    unused = evaluation.status == Evaluation.Status.APPROVED and evaluation.used_at is None
    if waiting or unused:
        end_locked(evaluation, change, actor=actor, status=status, why=why, at=at, action=action)
    return evaluation


def end_locked(
    evaluation: Evaluation,
    change: Change,
    *,
    actor: Actor,
    status: str,
    why: str,
    at: datetime,
    action: str = "revert",
    describe: Callable[[], None] | None = None,
) -> None:
    """The same for a caller who holds both locks and hands over the rows as they stand; the evaluation lives.

    `describe` sets more fields of the change, which are saved along with the step.

    Raises WrongState and NotPermitted by the workflow's table.
    """
    evaluation.status = status
    evaluation.ended_because = why[:200]
    evaluation.version += 1
    save_fields(evaluation, "status", "ended_because", "version", "outcome", "decision", "decided_by", "deadline")
    callbacks.owe(evaluation, status, at=at)
    withdraw_plan(change, at, why)
    give_back(change, actor=actor, why=why, at=at)
    due.cancel(change.kind, change.pk, EVALUATE_AGAIN, PEOPLE_IN_TIME, EXPIRES, ENDS_SOON, HELD)
    with lifecycle.step(change, action, actor=actor, remark=why, locked_by_caller=True):
        if describe:
            describe()
        change.authorised_until = None
        change.not_before = None
        change.overridden = False


def live_evaluation(change: Change) -> Evaluation | None:
    """The one that waits, or is approved and unused; at most one by constraint."""
    live = change.evaluations.filter(status=Evaluation.Status.PENDING) | change.evaluations.filter(
        status=Evaluation.Status.APPROVED, used_at=None
    )
    return live.first()


def expire(change_id: int, at: datetime) -> None:
    """Due: an authorisation that nobody used goes back to draft."""
    evaluation = _held_evaluation(change_id)
    if evaluation is None or evaluation.status != Evaluation.Status.APPROVED:
        return
    if evaluation.expires_at and evaluation.expires_at <= at:
        end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=gettext("not used in time"), at=at)
        notify_of_end(evaluation.change, evaluation, ended=True)


def ends_soon(change_id: int, at: datetime) -> None:
    """Due: what people approved ends in an hour; both sides are told."""
    evaluation = _held_evaluation(change_id)
    if evaluation is not None and evaluation.status == Evaluation.Status.APPROVED:
        notify_of_end(evaluation.change, evaluation, ended=False)


def people_in_time(change_id: int, at: datetime) -> None:
    """Due: nobody decided in time. A time-out never approves. Who was asked after others has as long as they had."""
    evaluation = _held_evaluation(change_id)
    if evaluation is None or evaluation.status != Evaluation.Status.PENDING:
        return
    until = open_asks(evaluation.change).aggregate(until=Max("due_at"))["until"]
    if until is not None and until > at:
        due.schedule(PEOPLE_IN_TIME, Change.kind, change_id, until)
    elif until is not None:
        why = gettext("nobody decided in time")
        end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=why, at=at)
        notify_of_time_out(evaluation.change, why)


def _held_evaluation(change_id: int) -> Evaluation | None:
    """What is live under the change's lock: between being due and being looked at, somebody may have decided."""
    return live_evaluation(lifecycle.locked(Change.objects.only("pk").get(pk=change_id)))
