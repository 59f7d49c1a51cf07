"""The stages of a progressive rollout ask again: go on, hold, or roll back to what worked before."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change, Deployment, Evaluation, RolloutStage
from changes.change.operations.deploying.rolling_back import call, going_out
from changes.change.operations.deploying.starting import no_longer
from changes.change.operations.disinterest import require_own_or_no_interest
from changes.change.operations.locking import locked_budgets
from changes.change.permissions import implementers
from changes.change.queries.overrides import lockdown_now
from changes.gate.vocabulary import Outcome
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from slo.engine.states import Flag
from slo.objectives.queries.gating_budgets import gating_budgets

Answer = RolloutStage.Answer
MOST_STAGES = 50


class _Said(NamedTuple):
    answer: RolloutStage.Answer
    because: str


@transaction.atomic
def ask_stage(
    deployment: Deployment, *, actor: Actor, name: str, percent: int | None = None, at: datetime
) -> RolloutStage:
    """May this stage of a running deployment begin? Asked again it is judged again; a call to roll back stays.

    Raises NotPermitted, WrongState (it has ended, or has too many stages already).
    """
    locked_budgets(deployment.change.service_id, deployment.environment, at)  # before the change, as everywhere
    change = lifecycle.locked(deployment.change)
    deployment = Deployment.objects.select_for_update(of=("self",), no_key=True).get(pk=deployment.pk)
    deployment.change = change
    if not implementers(actor, change):
        raise NotPermitted(
            gettext("%(name)s may not ask for a stage of %(change)s.")
            % {"name": actor.name, "change": change.reference}
        )
    require_own_or_no_interest(
        change, actor, doing=gettext("ask for a stage of somebody else's deployment"), also=deployment.started_by_id
    )
    if deployment.status != Deployment.Status.STARTED:
        raise WrongState(
            gettext("This deployment has already %(state)s: no stage of it begins.")
            % {"state": deployment.get_status_display()},
            state=deployment.status,
        )
    stages = RolloutStage.objects.filter(deployment=deployment)
    known = stages.filter(name=name).first()
    if known is None and stages.count() >= MOST_STAGES:
        raise WrongState(gettext("A deployment has at most %(most)d stages.") % {"most": MOST_STAGES})
    said = _judge(deployment, change, at)
    words = {"percent": percent, "answer": said.answer, "because": said.because[:500], "asked_at": at}
    stage, _new = RolloutStage.objects.update_or_create(
        deployment=deployment, name=name, defaults=words, create_defaults=words | {"first_asked_at": at}
    )
    if known is None or known.answer != said.answer:
        before = known.answer if known is not None else None
        changes = {"stage": [name, name], "answer": [before, said.answer]}
        lifecycle.announce(change, "stage_judged", actor=actor, changes=changes, at=at)
    return stage


def _judge(deployment: Deployment, change: Change, at: datetime) -> _Said:
    """The worst that is known decides; what is not known holds."""
    called = getattr(deployment, "roll_back_call", None)
    if called is not None:
        return _Said(Answer.ROLL_BACK, called.because)
    seen = [one for one in gating_budgets([change.service_id], change.environment, at) if not one.is_new]
    burning = next((one for one in seen if Flag.BURNING_FAST in one.flags), None)
    if burning is not None and going_out(at).filter(pk=deployment.pk).exists():
        return _Said(Answer.ROLL_BACK, call(deployment, objective=burning.objective, at=at).because)
    evaluation = deployment.evaluation
    evaluation.change = change
    if evaluation.outcome == Outcome.EXCEPTION:  # a proven rollback goes on in every state, a lockdown too
        return _Said(Answer.GO_ON, "")
    locked_down = lockdown_now(change, evaluation, at)
    if locked_down:
        return _Said(Answer.HOLD, gettext("lockdown: %(name)s") % {"name": locked_down})
    silent = next((one for one in seen if Flag.NO_DATA in one.flags), None)
    if silent is not None and burning is None:
        return _Said(Answer.HOLD, gettext("%(objective)s has no data") % {"objective": silent.objective})
    if evaluation.decided_by == Evaluation.DecidedBy.POLICY:
        trouble = no_longer(change, evaluation, at)
        if trouble:
            return _Said(Answer.HOLD, trouble)
    return _Said(Answer.GO_ON, "")
