"""A deployment ends and is watched; the budget is given back; the change is closed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from changes.change.models import Change, Deployment, Evaluation
from changes.change.operations import costing
from changes.change.operations.counting import end_watch, vouch
from changes.change.operations.deploying import followers
from changes.change.operations.disinterest import require_own_or_no_interest
from changes.change.operations.evaluations import GATE, WATCH_OVER, give_back
from changes.change.operations.reviewing import owe_review
from changes.change.permissions import closers
from changes.change.queries.witnesses import measured_by_others, trusted
from changes.change.vocabulary import STRICTNESS, OutcomeCode
from changes.change.workflow import Status, its_tests_and_reviews
from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from slo.engine.states import Flag
from slo.objectives.queries.gating_budgets import GatingBudget, gating_budgets

WATCH = timedelta(minutes=30)


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
        overridden = deployment.evaluation.decided_by == Evaluation.DecidedBy.OVERRIDE
        owe_review(current, at, ended=status, conditions=_conditions(deployment), overridden=overridden)
    deployment.status = status
    deployment.finished_at = at
    deployment.watched_until = at + WATCH
    if not succeeded:  # a failure counts at once, a success when its watch has ended clean
        end_watch(deployment, change, clean=False, at=at)
    deployment.save(update_fields=["status", "finished_at", "watched_until", "watch", "watch_ended_at"])
    due.schedule(WATCH_OVER, change.kind, change.pk, at + WATCH)
    followers.tell(deployment)
    return deployment


def _conditions(deployment: Deployment) -> list[dict[str, Any]]:
    decision = deployment.evaluation.decision
    return decision.verdict["conditions"] if decision is not None else []


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
        _watched(deployment, change, clean=False, at=at, measured=measured_by_others(change, trusted(seen), at))
    if flags & {Flag.BURNING_FAST, Flag.NO_DATA}:  # neither clean nor seen to be: watch on
        due.schedule(WATCH_OVER, change.kind, change.pk, at + WATCH)
        return
    cost = costing.found(change, at)
    cheap, relied_on = cost is None or not cost.failed, trusted(seen)
    clean, measured = cheap and change.outcome_code in _NOT_YET_BAD, measured_by_others(change, relied_on, at)
    _watched(deployment, change, clean=clean, at=at, measured=measured)
    saw = _watch_saw(seen, relied_on, measured=measured)
    give_back(change, actor=GATE, why=saw, at=at)
    if cost is not None and cost.outcome_code != OutcomeCode.SUCCESSFUL:
        costing.follow(change, cost, at=at)
    elif _closes_by_itself(change):
        with lifecycle.step(change, "auto_close", actor=GATE, remark=saw) as current:
            current.outcome_code = OutcomeCode.SUCCESSFUL
    else:
        _propose(change, OutcomeCode.SUCCESSFUL)


def _watch_saw(seen: Collection[GatingBudget], relied_on: Collection[GatingBudget], *, measured: bool) -> str:
    """What a watch that found nothing bad rests on, in words: nothing is called clean that nobody measured."""
    if not seen:
        return gettext(
            "30 minutes after the deployment; no objective that counts measured it, so nobody saw whether it works"
        )
    if not relied_on:
        return gettext(
            "30 minutes after the deployment; the measurements are not trusted enough, so nobody saw whether it works"
        )
    if not measured:
        return gettext("30 clean minutes after the deployment, by measurements that nobody else vouches for")
    return gettext("30 clean minutes after the deployment")


def _closes_by_itself(change: Change) -> bool:
    """Pre-authorised work of which nobody has said anything yet, and nobody has to look back at or test."""
    untold = change.status == Status.REVIEWING and not change.outcome_code
    may = untold and "auto_close" in change.workflow.steps and change.review_due_at is None
    return may and its_tests_and_reviews(change) is None


_NOT_YET_BAD = ("", OutcomeCode.SUCCESSFUL)


def _watched(deployment: Deployment | None, change: Change, *, clean: bool, at: datetime, measured: bool) -> None:
    if deployment is not None and deployment.watch == Deployment.Watch.OPEN:
        end_watch(deployment, change, clean=clean, at=at, measured=measured)
        deployment.save(update_fields=["watch", "watch_ended_at", "witness"])


def _propose(change: Change, outcome_code: str) -> None:
    """A closure code for the people who review it; what is said already stays."""
    if change.status != Status.REVIEWING or change.outcome_code:
        return
    with lifecycle.edit(change, actor=GATE, version=None, version_required=False, event="outcome_proposed") as current:
        current.outcome_code = outcome_code


@transaction.atomic
def close(change: Change, *, actor: Actor, outcome_code: str, note: str = "") -> Change:
    """The review is over: how it went, in a closure code and words.

    A failure holds what comes after it: only somebody without interest says that it went better than was seen. What
    they call successful is known to work by their word (`counting.vouch`), where nothing but its own said so.

    Raises NotPermitted, WrongState, MissingInformation (no outcome) and StaleVersion.
    """
    change = lifecycle.locked(change)
    seen = change.outcome_code or OutcomeCode.UNSUCCESSFUL
    relaxes = outcome_code in STRICTNESS and STRICTNESS.index(outcome_code) < STRICTNESS.index(seen)
    if relaxes and closers(actor, change):
        require_no_interest(
            actor, [change.service_id], doing=gettext("close a change with a better outcome than was seen")
        )
    with lifecycle.step(change, "close", actor=actor, remark=note) as current:
        current.outcome_code = outcome_code
        current.outcome_note = note
        if outcome_code == OutcomeCode.SUCCESSFUL:
            vouch(current, actor, timezone.now())
    return current
