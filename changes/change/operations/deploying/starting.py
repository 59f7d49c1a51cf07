"""A deployment starts: under a live authorisation, used once, that is looked at again at the last moment."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change, Deployment, Evaluation
from changes.change.operations.deploying import followers
from changes.change.operations.deploying.authorised import check_artifact, check_bound, usable, wait_for_the_other
from changes.change.operations.evaluating import verdict_for
from changes.change.operations.evaluations import EXPIRES, GATE, end, reserve_stake
from changes.change.operations.holding import hold_where_worse
from changes.change.operations.lasting import ENDS_SOON, HELD
from changes.change.operations.locking import locked_budgets
from changes.change.queries.closures import closing_now
from changes.change.queries.overrides import lockdown_now
from changes.change.queries.shadows import shadow_of
from changes.change.queries.verdicts import explained
from changes.gate.vocabulary import WITHOUT_PEOPLE
from itsm import lifecycle
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import AuthorisationRevoked, Held
from slo.objectives.operations import reservations


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
    WrongState, as it is where the stake of an experiment is no longer free. Raises NotPermitted besides.
    """
    with transaction.atomic():
        budgets = locked_budgets(change.service_id, change.environment, at)  # before the change, as everywhere
        change = lifecycle.locked(change)
        evaluation = usable(change, at)
        check_bound(change, evaluation, environment)
        # Who may start, and from which state, comes before anything is taken back.
        change.workflow.begin("start", actor, change)
        check_artifact(change, evaluation, artifact_digest)
        wait_for_the_other(change, evaluation)
        refused = _not_now(change, evaluation, actor, at)
        if refused is None:
            reserve_stake(change, budgets, at)
            return _started(change, evaluation, actor, url, at)
    raise refused


def _not_now(change: Change, evaluation: Evaluation, actor: Actor, at: datetime) -> AuthorisationRevoked | Held | None:
    """Why it may not start after all. What the policy approved is judged once more, what people did looked at again."""
    if evaluation.decided_by == Evaluation.DecidedBy.OVERRIDE:
        return _overridden(change, evaluation, at)
    if evaluation.decided_by == Evaluation.DecidedBy.SHADOW:
        return _in_shadow(change, evaluation, at)
    if evaluation.decided_by != Evaluation.DecidedBy.POLICY:
        return hold_where_worse(change, evaluation, actor=actor, at=at)
    trouble = no_longer(change, evaluation, at)
    return _revoked(change, evaluation, trouble, at) if trouble else None


def _overridden(change: Change, evaluation: Evaluation, at: datetime) -> AuthorisationRevoked | None:
    """What two people let go all the same, a lockdown alone takes back."""
    name = lockdown_now(change, evaluation, at)
    if not name:
        return None
    end(
        evaluation,
        actor=GATE,
        status=Evaluation.Status.EXPIRED,
        why=gettext("lockdown: %(name)s") % {"name": name},
        at=at,
    )
    return AuthorisationRevoked(
        gettext("%(change)s may not start: the lockdown “%(name)s” holds everything.")
        % {"change": change.reference, "name": name}
    )


def _in_shadow(change: Change, evaluation: Evaluation, at: datetime) -> AuthorisationRevoked | None:
    """Looked at again all the same: what the gate says now is noted; only what people closed stops it."""
    closed = closing_now(change, evaluation, at)
    trouble = gettext("the calendar is closed (%(name)s)") % {"name": closed.name} if closed is not None else ""
    if not trouble and shadow_of(change.service_id, at) is None:
        trouble = gettext("the gate rules again")
    if trouble:
        return _revoked(change, evaluation, trouble, at)
    would = no_longer(change, evaluation, at)
    if would:
        lifecycle.announce(change, "started_in_shadow", actor=GATE, remark=would, at=at)
    return None


def _revoked(change: Change, evaluation: Evaluation, trouble: str, at: datetime) -> AuthorisationRevoked:
    end(evaluation, actor=GATE, status=Evaluation.Status.EXPIRED, why=trouble, at=at)
    return AuthorisationRevoked(
        gettext("%(change_reference)s may not start: %(trouble)s. Its authorisation was taken back; ask again.")
        % {"change_reference": change.reference, "trouble": trouble}
    )


def no_longer(change: Change, evaluation: Evaluation, at: datetime) -> str:
    """Why the policy would not let it go as things stand now; empty where it would. Nothing is kept."""
    closed = closing_now(change, evaluation, at)
    if closed is not None:
        return gettext("the calendar is closed (%(name)s)") % {"name": closed.name}
    # Its own reservation must not stand in its way: judge as if it held nothing, then undo that.
    point = transaction.savepoint()
    reservations.release(change.reference, actor=GATE, reason="judged again at start", at=at)
    evaluation.change = change
    verdict = verdict_for(evaluation, at, what_would_help=False).verdict
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
    deployment = Deployment.objects.create(
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
    followers.tell(deployment)
    return deployment
