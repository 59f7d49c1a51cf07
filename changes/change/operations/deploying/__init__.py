"""Deployments: start under a live authorisation, used once; finish; watch; give the budget back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments.queries import canonical, is_production
from changes.change.models import Change, Deployment, Evaluation
from changes.change.operations.counting import end_watch
from changes.change.operations.disinterest import require_own_or_no_interest
from changes.change.operations.evaluating import verdict_for
from changes.change.operations.evaluations import EXPIRES, GATE, WATCH_OVER, end, give_back, live_evaluation
from changes.change.operations.holding import hold_where_worse
from changes.change.operations.lasting import ENDS_SOON, HELD
from changes.change.operations.locking import locked_budgets
from changes.change.permissions import closers
from changes.change.queries.closures import closing_now
from changes.change.queries.verdicts import explained
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import Status
from changes.gate.vocabulary import WITHOUT_PEOPLE, ConditionCode
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import AuthorisationRevoked, Held, InvalidInput, WrongState
from itsm.notifications.web_addresses import our_address
from slo.engine.states import Flag
from slo.objectives.operations import reservations
from slo.objectives.queries.gating_budgets import gating_budgets

WATCH = timedelta(minutes=30)


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

    What the policy approved and no longer would is revoked (that is kept): AuthorisationRevoked. What people approved
    is held where it has become worse than they knew, and they are asked again (kept as well): Held. Both are a
    WrongState. Raises NotPermitted besides.
    """
    with transaction.atomic():
        locked_budgets(change.service_id, change.environment, at)  # before the change, as everywhere
        change = lifecycle.locked(change)
        evaluation = _usable(change, at)
        _check_bound(change, evaluation, environment)
        # Who may start, and from which state, comes before anything is taken back.
        change.workflow.begin("start", actor, change)
        _check_artifact(change, evaluation, artifact_digest)
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


class RunsAlready(WrongState):
    """A second start of what runs: `deployment` is what runs."""

    members: ClassVar[Mapping[str, Any]] = {
        "deployment": {
            "type": "object",
            "description": "what runs already",
            "properties": {"number": {"type": "integer"}, "url": {"type": "string"}},
            "required": ["number", "url"],
        }
    }


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
    return RunsAlready(
        gettext("%(change)s is running already: deployment %(number)s, started by %(who)s at %(at)s UTC.") % words,
        state=change.status,
        deployment={
            "number": running.number,
            "url": our_address(f"/api/v1/changes/{change.reference}/deployments/{running.number}/"),
        },
    )


def _check_bound(change: Change, evaluation: Evaluation, environment: str) -> None:
    if evaluation.content_hash != change.content_hash:
        raise WrongState(
            gettext("%(change_reference)s has changed since it was authorised; ask again.")
            % {"change_reference": change.reference}
        )
    if environment and canonical(environment) != change.environment:
        raise InvalidInput(
            gettext("Another environment than the authorised one."),
            {"environment": [f"authorised: {change.environment}"]},
        )


def _check_artifact(change: Change, evaluation: Evaluation, artifact_digest: str) -> None:
    """In production the artifact is named at the start, where the answer is bound to one; without people, it is."""
    if artifact_digest and artifact_digest != change.artifact_digest:
        raise InvalidInput(
            gettext("Another artifact than the authorised one."),
            {"artifact": [f"authorised: {change.artifact_digest}"]},
        )
    if artifact_digest or not is_production(change.environment):
        return
    if change.artifact_digest:
        raise InvalidInput(
            gettext("Name the artifact that you start: the authorisation of %(change_reference)s is for one only.")
            % {"change_reference": change.reference},
            {"artifact": [f"authorised: {change.artifact_digest}"]},
        )
    if evaluation.decided_by != Evaluation.DecidedBy.PERSON:
        raise InvalidInput(
            gettext("%(change_reference)s names no artifact, and no person approved that; ask with its digest.")
            % {"change_reference": change.reference},
            {"artifact": ["name it when you ask"]},
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


def _not_now(change: Change, evaluation: Evaluation, actor: Actor, at: datetime) -> AuthorisationRevoked | Held | None:
    """Why it may not start after all. What the policy approved is judged once more, what people did looked at again."""
    if evaluation.decided_by != Evaluation.DecidedBy.POLICY:
        return hold_where_worse(change, evaluation, actor=actor, at=at)
    trouble = _no_longer(change, evaluation, at)
    if not trouble:
        return None
    end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=trouble, at=at)
    return AuthorisationRevoked(
        gettext("%(change_reference)s may not start: %(trouble)s. Its authorisation was taken back; ask again.")
        % {"change_reference": change.reference, "trouble": trouble}
    )


def _no_longer(change: Change, evaluation: Evaluation, at: datetime) -> str:
    closed = closing_now(change, evaluation, at)
    if closed is not None:
        return gettext("the calendar is closed (%(name)s)") % {"name": closed.name}
    # Its own reservation must not stand in its way: judge as if it held nothing, then undo that.
    point = transaction.savepoint()
    reservations.release(change.reference, actor=GATE, reason="judged again at start", at=at)
    evaluation.change = change
    _, verdict, _ = verdict_for(evaluation, at, what_would_help=False)
    transaction.savepoint_rollback(point)
    if verdict.outcome in WITHOUT_PEOPLE:
        return ""
    said = explained(verdict)
    now = gettext("the gate now says “%(answer)s”") % {"answer": said.answer}
    return f"{now} ({said.reasons[0].sentence.rstrip('.')})" if said.reasons else now


def _started(change: Change, evaluation: Evaluation, actor: Actor, url: str, at: datetime) -> Deployment:
    evaluation.used_at = at
    evaluation.version += 1
    evaluation.save(update_fields=["used_at", "version"])
    with lifecycle.step(change, "start", actor=actor, locked_by_caller=True):
        change.started_at = at
    due.cancel(change.kind, change.pk, EXPIRES, ENDS_SOON, HELD)
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
    """Say how it went: succeeded, failed or rolled_back. A success is watched before it is called one.

    Raises NotPermitted, and WrongState where it ended otherwise.
    """
    change = lifecycle.locked(deployment.change)
    deployment = Deployment.objects.select_for_update(of=("self",), no_key=True).get(pk=deployment.pk)
    require_own_or_no_interest(
        change, actor, doing=gettext("finish the deployment of somebody else"), also=deployment.started_by_id
    )
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
    if not succeeded:  # a failure counts at once, a success when its watch has ended clean
        end_watch(deployment, change, clean=False, at=at)
    deployment.save(update_fields=["status", "finished_at", "watched_until", "watch", "watch_ended_at"])
    due.schedule(WATCH_OVER, change.kind, change.pk, at + WATCH)
    return deployment


@transaction.atomic
def watch_over(change_id: int, at: datetime) -> None:
    """Due: the watch after a deployment has ended. Clean: the budget is given back and success is called success."""
    change = lifecycle.locked(Change.objects.get(pk=change_id))
    if change.status not in (Status.REVIEWING, Status.CLOSED):
        return
    deployment = change.deployments.select_for_update(of=("self",), no_key=True).order_by("-id").first()
    if deployment is not None and deployment.watched_until and at < deployment.watched_until:
        due.schedule(WATCH_OVER, change.kind, change.pk, deployment.watched_until)
        return
    seen = [one for one in gating_budgets([change.service_id], change.environment, at) if not one.is_new]
    flags = {flag for gating in seen for flag in gating.flags}
    if Flag.BURNING_FAST in flags:
        _propose(change, OutcomeCode.WITH_ISSUES)
        _watched(deployment, change, clean=False, at=at)
    if flags & {Flag.BURNING_FAST, Flag.NO_DATA}:  # neither clean nor seen to be: watch on
        due.schedule(WATCH_OVER, change.kind, change.pk, at + WATCH)
        return
    _watched(deployment, change, clean=change.outcome_code in _NOT_YET_BAD, at=at)
    give_back(change, actor=GATE, why=gettext("30 clean minutes"), at=at)
    if change.status == Status.REVIEWING and "auto_close" in change.workflow.steps and not change.outcome_code:
        with lifecycle.step(
            change, "auto_close", actor=GATE, remark=gettext("30 clean minutes after the deployment")
        ) as current:
            current.outcome_code = OutcomeCode.SUCCESSFUL
    else:
        _propose(change, OutcomeCode.SUCCESSFUL)


_NOT_YET_BAD = ("", OutcomeCode.SUCCESSFUL)


def _watched(deployment: Deployment | None, change: Change, *, clean: bool, at: datetime) -> None:
    if deployment is not None and deployment.watch == Deployment.Watch.OPEN:
        end_watch(deployment, change, clean=clean, at=at)
        deployment.save(update_fields=["watch", "watch_ended_at"])


def _propose(change: Change, outcome_code: str) -> None:
    """A closure code for the people who review it; what is said already stays."""
    if change.status != Status.REVIEWING or change.outcome_code:
        return
    with lifecycle.edit(change, actor=GATE, version=None, version_required=False, event="outcome_proposed") as current:
        current.outcome_code = outcome_code


_STRICTNESS = (OutcomeCode.SUCCESSFUL, OutcomeCode.WITH_ISSUES, OutcomeCode.UNSUCCESSFUL)


@transaction.atomic
def close(change: Change, *, actor: Actor, outcome_code: str, note: str = "") -> Change:
    """The review is over: how it went, in a closure code and words.

    A failure holds what comes after it: only somebody without interest says that it went better than was seen.

    Raises NotPermitted, WrongState, MissingInformation (no outcome) and StaleVersion.
    """
    change = lifecycle.locked(change)
    seen = change.outcome_code or OutcomeCode.UNSUCCESSFUL
    relaxes = outcome_code in _STRICTNESS and _STRICTNESS.index(outcome_code) < _STRICTNESS.index(seen)
    if relaxes and closers(actor, change):
        require_no_interest(
            actor, [change.service_id], doing=gettext("close a change with a better outcome than was seen")
        )
    with lifecycle.step(change, "close", actor=actor, remark=note) as current:
        current.outcome_code = outcome_code
        current.outcome_note = note
    return current
