"""Counting runs: how a watch ended, and what that says about changes of this kind."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from catalog.environments.queries import is_production
from changes.allowances import operations as allowances
from changes.change.models import Change, Deployment
from changes.change.operations.evaluations import GATE
from changes.change.queries import history
from changes.change_models.models import ChangeModel, History
from changes.change_models.operations import suspend_by_headroom
from changes.policies.queries import in_force


def end_watch(deployment: Deployment, change: Change, *, clean: bool, at: datetime) -> None:
    """Say how the watch ended, once, and count the run. The caller saves the deployment."""
    if deployment.watch != Deployment.Watch.OPEN:
        return
    deployment.watch = Deployment.Watch.CLEAN if clean else Deployment.Watch.UNCLEAN
    deployment.watch_ended_at = at
    _follow_allowances(change, deployment, failed=not clean, at=at)
    count_run(change, failed=not clean, at=at)


def count_run(change: Change, *, failed: bool, at: datetime) -> None:
    """Renew the decayed counts of this service, environment and model.

    As many failures among the last twenty runs as the policy allows suspend the model. An experiment counts neither
    way: it changes nothing, and many that go well would make whoever plans them look safe.
    """
    if change.stake is not None:
        return
    row, _ = History.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        service_id=change.service_id, model=change.model, environment=change.environment, defaults={"as_of": at}
    )
    row.weighted_runs = history.decayed(row.weighted_runs, row.as_of, at) + 1
    row.weighted_failures = history.decayed(row.weighted_failures, row.as_of, at) + Decimal(failed)
    row.runs += 1
    row.recent = [*row.recent, failed][-20:]
    row.as_of = max(at, row.as_of)
    row.save()
    if failed:
        _suspend_where_too_many(change.model, row)


def recount(change: Change, *, failed: bool) -> bool:
    """Say of a run that was counted that it went otherwise, as though it had been counted so. The caller holds the
    change. False where nothing was counted yet, or it was counted like this.
    """
    ended = change.deployments.select_for_update(of=("self",), no_key=True).exclude(watch_ended_at=None)
    deployment = ended.order_by("-id").first()
    said = Deployment.Watch.UNCLEAN if failed else Deployment.Watch.CLEAN
    if deployment is None or deployment.watch_ended_at is None or deployment.watch == said:
        return False
    deployment.watch = said
    deployment.save(update_fields=["watch"])
    _follow_allowances(change, deployment, failed=failed, at=timezone.now())
    row = (
        History.objects.select_for_update(of=("self",), no_key=True)
        .filter(service_id=change.service_id, model=change.model, environment=change.environment)
        .first()
    )
    if row is not None and change.stake is None:
        weight = history.decayed(Decimal(1), deployment.watch_ended_at, row.as_of)
        row.weighted_failures = max(Decimal(0), row.weighted_failures + (weight if failed else -weight))
        back = _runs_since(change, deployment)
        if back < len(row.recent):
            row.recent[-1 - back] = failed
        row.save()
        if failed:
            _suspend_where_too_many(change.model, row)
    return True


def _follow_allowances(change: Change, deployment: Deployment, *, failed: bool, at: datetime) -> None:
    """What its people may draw is refilled or shrunk by a run in production; an experiment counts neither way."""
    if change.stake is None and is_production(change.environment):
        allowances.follow_run(
            service_id=change.service_id, accounts=sorted(change.interested), change=change.reference,
            run=deployment.pk, failed=failed, at=at,
        )  # fmt: skip


def _runs_since(change: Change, deployment: Deployment) -> int:
    """How many runs of its kind were counted after this one; more than the last twenty are not told apart."""
    later = Deployment.objects.filter(
        change__service=change.service_id,
        change__model=change.model,
        change__environment=change.environment,
        change__stake=None,
        watch_ended_at__gt=deployment.watch_ended_at,
    )
    return len(later.order_by()[:21])


def _suspend_where_too_many(model: ChangeModel | None, row: History) -> None:
    limits = in_force().limits
    if (
        model is not None
        and sum(row.recent) >= limits.model_failures_until_suspended
        and model.status == ChangeModel.Status.APPROVED
    ):
        because = gettext("%(failures)d failures in the last %(runs)d runs")
        suspend_by_headroom(model, actor=GATE, because=because % {"failures": sum(row.recent), "runs": len(row.recent)})
