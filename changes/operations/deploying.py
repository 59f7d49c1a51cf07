"""Deployments: start under a live authorisation, used once; finish; watch; give the budget back."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from changes.gate.vocabulary import ConditionCode, Outcome
from changes.models import Change, ChangeModel, Deployment, Evaluation, History, OutcomeCode
from changes.operations.authorising import EXPIRES, GATE, WATCH_OVER, end, live_evaluation
from changes.operations.holding import hold_where_worse
from changes.operations.judging import verdict_for
from changes.operations.lasting import ENDS_SOON, HELD
from changes.operations.locking import locked_budgets
from changes.queries import history
from changes.queries.closures import closing_now
from changes.queries.proposal import of_evaluation
from changes.queries.verdicts import explained
from changes.workflow import Status
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Held, InvalidInput, TakenBack, WrongState
from slo.engine.states import Flag
from slo.operations import reservations
from slo.queries.readings import readings

WATCH = timedelta(minutes=30)
SUSPEND_AFTER = 2  # failures among the last 20 runs of a model
_GOES = {Outcome.APPROVED, Outcome.EXCEPTION}


def start_deployment(
    change: Change,
    *,
    actor: Actor,
    at: datetime,
    artifact_digest: str = "",
    environment: str = "",
    url: str = "",
) -> Deployment:
    """Use the authorisation. Everything it was bound to is checked again: content, digest, environment, time, budget.

    What the policy approved and no longer would is taken back (that is kept) and refused with TakenBack. What people
    approved is held where it has become worse than they knew, and they are asked again (kept as well): Held. Both are
    a WrongState.
    """
    with transaction.atomic():
        locked_budgets(change.service_id, change.environment, at)  # before the change, as everywhere
        change = lifecycle.locked(change)
        evaluation = _usable(change, at)
        _check_bound(change, evaluation, artifact_digest, environment)
        # Who may start, and from which state, comes before anything is taken back.
        change.workflow.begin("start", actor, change)
        _wait_for_the_other(change, evaluation)
        refused = _not_now(change, evaluation, actor, at)
        if refused is None:
            return _started(change, evaluation, actor, url, at)
    raise refused


def _usable(change: Change, at: datetime) -> Evaluation:
    evaluation = live_evaluation(change)
    if evaluation is None and change.status == Status.RUNNING:
        raise _runs_already(change)
    if evaluation is None or evaluation.status != Evaluation.Status.APPROVED or evaluation.expires_at is None:
        raise WrongState(
            gettext("%(change_reference)s has no authorisation that is unused and good.")
            % {"change_reference": change.reference},
            state=change.status,
        )
    if evaluation.expires_at <= at:
        raise WrongState(
            gettext("The authorisation of %(change_reference)s has expired; ask again.")
            % {"change_reference": change.reference},
            state=change.status,
        )
    if change.window_start and at < change.window_start:
        raise WrongState(
            gettext("The window of %(change_reference)s opens at %(window_start)s UTC.")
            % {"change_reference": change.reference, "window_start": f"{change.window_start:%Y-%m-%d %H:%M}"}
        )
    if change.window_end and at >= change.window_end:
        raise WrongState(
            gettext("The window of %(change_reference)s has closed; ask again.")
            % {"change_reference": change.reference}
        )
    return evaluation


def _runs_already(change: Change) -> WrongState:
    """A second start: what runs is named, so that a pipeline which never saw the first answer finds it."""
    running = change.deployments.filter(status=Deployment.Status.STARTED).select_related("started_by").last()
    if running is None:
        return WrongState(gettext("%(change)s is running already.") % {"change": change.reference}, state=change.status)
    words = {
        "change": change.reference,
        "number": running.number,
        "who": running.started_by or "Headroom",
        "at": f"{running.started_at:%Y-%m-%d %H:%M}",
    }
    return WrongState(
        gettext("%(change)s is running already: deployment %(number)s, started by %(who)s at %(at)s UTC.") % words,
        state=change.status,
        deployment={
            "number": running.number,
            "url": f"/api/v1/changes/{change.reference}/deployments/{running.number}/",
        },
    )


def _check_bound(change: Change, evaluation: Evaluation, artifact_digest: str, environment: str) -> None:
    if evaluation.content_hash != change.content_hash:
        raise WrongState(
            gettext("%(change_reference)s has changed since it was authorised; ask again.")
            % {"change_reference": change.reference}
        )
    if artifact_digest and artifact_digest != change.artifact_digest:
        raise InvalidInput(
            gettext("Another artifact than the authorised one."),
            {"artifact": [f"authorised: {change.artifact_digest}"]},
        )
    if environment and environment != change.environment:
        raise InvalidInput(
            gettext("Another environment than the authorised one."),
            {"environment": [f"authorised: {change.environment}"]},
        )


def _wait_for_the_other(change: Change, evaluation: Evaluation) -> None:
    """The condition "one at a time": nothing else may run on this service and environment. Nothing is taken back."""
    conditions = evaluation.decision.verdict["conditions"] if evaluation.decision else []
    if not any(condition["code"] == ConditionCode.ONE_AT_A_TIME for condition in conditions):
        return
    running = Change.objects.filter(service=change.service_id, environment=change.environment, status=Status.RUNNING)
    other = running.exclude(pk=change.pk).order_by("id").first()
    if other is not None:
        raise WrongState(
            gettext("One at a time: %(other_reference)s is running there; start %(change_reference)s after it.")
            % {"other_reference": other.reference, "change_reference": change.reference}
        )


def _not_now(change: Change, evaluation: Evaluation, actor: Actor, at: datetime) -> TakenBack | Held | None:
    """Why it may not start after all. What the policy approved is judged once more, what people did looked at again."""
    if evaluation.decided_by != Evaluation.DecidedBy.POLICY:
        return hold_where_worse(change, evaluation, actor=actor, at=at)
    trouble = _no_longer(change, evaluation, at)
    if not trouble:
        return None
    end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=trouble, at=at)
    return TakenBack(
        gettext("%(change_reference)s may not start: %(trouble)s. Its authorisation was taken back; ask again.")
        % {"change_reference": change.reference, "trouble": trouble}
    )


def _no_longer(change: Change, evaluation: Evaluation, at: datetime) -> str:
    closed = closing_now(change, evaluation, at)
    if closed is not None:
        return f"the calendar is closed ({closed.name})"
    # Its own reservation must not stand in its way: judge as if it held nothing, then undo that.
    point = transaction.savepoint()
    reservations.release(change.reference, actor=GATE, reason="judged again at start", at=at)
    _, verdict, _ = verdict_for(of_evaluation(evaluation, change), at, flips=False)
    transaction.savepoint_rollback(point)
    if verdict.outcome in _GOES:
        return ""
    said = explained(verdict)
    why = f" ({said.reasons[0].sentence.rstrip('.')})" if said.reasons else ""
    return f"the gate now says “{said.answer}”{why}"


def _started(change: Change, evaluation: Evaluation, actor: Actor, url: str, at: datetime) -> Deployment:
    evaluation.used_at = at
    evaluation.version += 1
    evaluation.save(update_fields=["used_at", "version"])
    with lifecycle.step(change, "start", actor=actor, held=True):
        change.started_at = at
    due.take_back(change.kind, change.pk, EXPIRES, ENDS_SOON, HELD)
    return Deployment.objects.create(
        change=change,
        number=change.deployments.count() + 1,
        evaluation=evaluation,
        environment=change.environment,
        artifact_digest=change.artifact_digest,
        artifact_version=change.artifact_version,
        url=url,
        started_by_id=actor.id,
        started_at=at,
    )


@transaction.atomic
def finish_deployment(deployment: Deployment, *, actor: Actor, status: str, at: datetime) -> Deployment:
    """Say how it went: succeeded, failed or rolled_back. A success is watched before it is called one."""
    change = lifecycle.locked(deployment.change)
    deployment = Deployment.objects.select_for_update(of=("self",)).get(pk=deployment.pk)
    if deployment.status == status:
        return deployment  # said twice: a pipeline that never saw the first answer
    if deployment.status != Deployment.Status.STARTED:
        raise WrongState(
            gettext("This deployment has already %(get_status_display)s.")
            % {"get_status_display": deployment.get_status_display()},
            state=deployment.status,
        )
    succeeded = status == Deployment.Status.SUCCEEDED
    with lifecycle.step(change, "finish" if succeeded else "roll_back", actor=actor, remark=status) as current:
        current.finished_at = at
        current.authorised_until = None
        current.outcome_code = "" if succeeded else OutcomeCode.UNSUCCESSFUL
    deployment.status = status
    deployment.finished_at = at
    deployment.watched_until = at + WATCH
    deployment.save(update_fields=["status", "finished_at", "watched_until"])
    _count_run(change, failed=not succeeded, at=at)
    due.promise(WATCH_OVER, change.kind, change.pk, at + WATCH)
    return deployment


def _count_run(change: Change, *, failed: bool, at: datetime) -> None:
    """Renew the decayed counts of this service and model; two failures in twenty suspend the model."""
    row, _ = History.objects.select_for_update(of=("self",)).get_or_create(
        service_id=change.service_id, model=change.model, defaults={"as_of": at}
    )
    row.weighted_runs = history.decayed(row.weighted_runs, row.as_of, at) + 1
    row.weighted_failures = history.decayed(row.weighted_failures, row.as_of, at) + Decimal(failed)
    row.runs += 1
    row.recent = [*row.recent, failed][-20:]
    row.as_of = max(at, row.as_of)
    row.save()
    model = change.model
    if (
        model is not None
        and failed
        and sum(row.recent) >= SUSPEND_AFTER
        and model.status == ChangeModel.Status.APPROVED
    ):
        with lifecycle.edit(model, actor=GATE, version=None, version_required=False, event="suspended") as current:
            current.status = ChangeModel.Status.SUSPENDED
            current.suspended_because = f"{sum(row.recent)} failures in the last {len(row.recent)} runs"


@transaction.atomic
def watch_over(change_id: int, at: datetime) -> None:
    """Due: the watch after a deployment has ended. Clean: the budget is given back and success is called success."""
    change = lifecycle.locked(Change.objects.get(pk=change_id))
    if change.status not in (Status.REVIEWING, Status.CLOSED):
        return
    flags = {flag for reading in readings([change.service_id], change.environment, at) for flag in reading.flags}
    if Flag.BURNING_FAST in flags:
        _propose(change, OutcomeCode.WITH_ISSUES)
    if flags & {Flag.BURNING_FAST, Flag.NO_DATA}:  # neither clean nor seen to be: watch on
        due.promise(WATCH_OVER, change.kind, change.pk, at + WATCH)
        return
    reservations.release(change.reference, actor=GATE, reason="30 clean minutes", at=at)
    if change.status == Status.REVIEWING and "settle" in change.workflow.steps and not change.outcome_code:
        with lifecycle.step(change, "settle", actor=GATE, remark="30 clean minutes after the deployment") as current:
            current.outcome_code = OutcomeCode.SUCCESSFUL
    else:
        _propose(change, OutcomeCode.SUCCESSFUL)


def _propose(change: Change, outcome_code: str) -> None:
    """A closure code for the people who review it; what is said already stays."""
    if change.status != Status.REVIEWING or change.outcome_code:
        return
    with lifecycle.edit(change, actor=GATE, version=None, version_required=False, event="outcome_proposed") as current:
        current.outcome_code = outcome_code


@transaction.atomic
def close(change: Change, *, actor: Actor, outcome_code: str, note: str = "") -> Change:
    """The review is over: how it went, in a closure code and words."""
    with lifecycle.step(change, "close", actor=actor, remark=note) as current:
        current.outcome_code = outcome_code
        current.outcome_note = note
    return current
