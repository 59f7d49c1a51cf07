"""Counting runs: how a watch ended, and what that says about changes of this kind."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from catalog.environments.queries import is_production
from changes.allowances import operations as allowances
from changes.change.models import Change, Deployment
from changes.change.operations.disinterest import is_witness
from changes.change.operations.evaluations import GATE
from changes.change.queries import history
from changes.change.queries.witnesses import KNOWN_TO_WORK
from changes.change_models.models import ChangeModel, History
from changes.change_models.operations import suspend_by_headroom
from changes.policies.queries import in_force
from itsm.kernel.actors import Actor

LAST = 20  # runs of a kind that are told one by one


def end_watch(deployment: Deployment, change: Change, *, clean: bool, at: datetime, measured: bool = False) -> None:
    """Say how the watch ended, once, and count the run. The caller saves the deployment.

    `measured`: its objectives were, by others than those who want it. A run in production that ended well counts only
    where somebody saw so; one that failed counts by anybody's word.
    """
    if deployment.watch != Deployment.Watch.OPEN:
        return
    deployment.watch = Deployment.Watch.CLEAN if clean else Deployment.Watch.UNCLEAN
    deployment.watch_ended_at = at
    if measured and deployment.witness == Deployment.Witness.NOBODY:
        deployment.witness = Deployment.Witness.MEASURED
    if _counts(deployment):
        _follow_allowances(change, deployment, failed=not clean, at=at)
        count_run(change, failed=not clean, ended_at=at, run=deployment.pk)


def vouch(change: Change, actor: Actor, at: datetime) -> bool:
    """A person says that it went well: where they have no stake in it, its newest deployment is known to work by them,
    and counts if it did not yet. The caller holds the change. False where that changes nothing. Raises nothing."""
    if change.stake is not None or not is_witness(change, actor):
        return False
    rows = change.deployments.select_for_update(of=("self",), no_key=True).order_by("-id")
    deployment = rows.first()
    if (
        deployment is None
        or deployment.status != Deployment.Status.SUCCEEDED
        or deployment.witness != Deployment.Witness.NOBODY
    ):
        return False
    counted = _counts(deployment)
    deployment.witness = Deployment.Witness.PERSON
    deployment.save(update_fields=["witness"])
    if deployment.watch_ended_at is not None and deployment.watch == Deployment.Watch.CLEAN and not counted:
        _follow_allowances(change, deployment, failed=False, at=at)
        count_run(change, failed=False, ended_at=deployment.watch_ended_at, run=deployment.pk)
    return True


def _counts(deployment: Deployment) -> bool:
    """Whether a run whose watch has ended counts, for its kind and for what its people may draw."""
    if deployment.watch != Deployment.Watch.CLEAN or deployment.is_known_to_work:
        return True
    return not is_production(deployment.environment)


def count_run(change: Change, *, failed: bool, ended_at: datetime, run: int | None = None) -> None:
    """Count one that ended then among the runs of this service, environment and model: in its place among the last
    twenty, and with the weight that is left of it, however late it is told. `run`: its deployment, which says which of
    two that ended at once is the later one.

    As many failures among the last twenty runs as the policy allows suspend the model. An experiment counts neither
    way: it changes nothing, and many that go well would make whoever plans them look safe.
    """
    if change.stake is not None:
        return
    row = _held_history(change, since=ended_at)
    newest = max(ended_at, row.as_of)
    weight = history.decayed(Decimal(1), ended_at, newest)
    row.weighted_runs = history.decayed(row.weighted_runs, row.as_of, newest) + weight
    row.weighted_failures = history.decayed(row.weighted_failures, row.as_of, newest) + weight * failed
    row.runs += 1
    back = 0 if ended_at > row.as_of else _runs_since(change, ended_at, run)
    if back < LAST:
        row.recent.insert(max(0, len(row.recent) - back), failed)
        row.recent = row.recent[-LAST:]
    row.as_of = newest
    _keep(row)
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
    counted = _counts(deployment)
    deployment.watch = said
    deployment.save(update_fields=["watch"])
    counts = _counts(deployment)
    if counts:
        _follow_allowances(change, deployment, failed=failed, at=timezone.now())
    if not counted:
        count_run(change, failed=failed, ended_at=deployment.watch_ended_at, run=deployment.pk)
    elif change.stake is None:
        _say_otherwise(change, deployment.watch_ended_at, deployment.pk, failed=failed, counts=counts)
    return True


def _say_otherwise(change: Change, ended_at: datetime, run: int, *, failed: bool, counts: bool) -> None:
    """A run that was counted went otherwise. Where it `counts` no more (it did not fail, and nobody saw it work), it is
    taken out; what its people may draw stays then as the failure left it."""
    row = _held_history(change, since=ended_at)
    weight = history.decayed(Decimal(1), ended_at, row.as_of)
    row.weighted_failures += weight if failed else -weight
    back = _runs_since(change, ended_at, run)
    if not counts:
        row.weighted_runs -= weight
        row.runs = max(0, row.runs - 1)
    if back < len(row.recent):
        row.recent[-1 - back : len(row.recent) - back] = [failed] if counts else []
    if not counts and len(row.recent) == LAST - 1:  # one that was too old comes back
        older = (
            _counted_runs(change).order_by("-watch_ended_at", "-pk").values_list("watch", flat=True)[LAST - 1 : LAST]
        )
        row.recent = [*(watch == Deployment.Watch.UNCLEAN for watch in older), *row.recent]
    _keep(row)
    if failed:
        _suspend_where_too_many(change.model, row)


def _held_history(change: Change, *, since: datetime) -> History:
    """What is counted of its kind, locked; made where nothing was counted yet."""
    rows = History.objects.select_for_update(of=("self",), no_key=True)
    kind = {"service_id": change.service_id, "model": change.model, "environment": change.environment}
    row, _new = rows.get_or_create(**kind, defaults={"as_of": since})
    return row


def _keep(row: History) -> None:
    """Each step rounds: weights stay what the database takes, failures among the runs and neither below nothing."""
    row.weighted_runs = max(Decimal(0), row.weighted_runs)
    row.weighted_failures = min(max(Decimal(0), row.weighted_failures), row.weighted_runs)
    row.save()


def _follow_allowances(change: Change, deployment: Deployment, *, failed: bool, at: datetime) -> None:
    """What its people may draw is refilled or shrunk by a run in production; an experiment counts neither way."""
    if change.stake is None and is_production(change.environment):
        allowances.follow_run(
            service_id=change.service_id, accounts=sorted(change.interested), change=change.reference,
            run=deployment.pk, failed=failed, at=at,
        )  # fmt: skip


def _counted_runs(change: Change) -> QuerySet[Deployment]:
    """Of its kind, whatever the order."""
    runs = Deployment.objects.order_by().filter(
        change__service=change.service_id,
        change__model=change.model,
        change__environment=change.environment,
        change__stake=None,
        watch_ended_at__isnull=False,
    )
    if is_production(change.environment):
        return runs.filter(KNOWN_TO_WORK | Q(watch=Deployment.Watch.UNCLEAN))
    return runs


def _runs_since(change: Change, ended_at: datetime, run: int | None) -> int:
    """How many runs of its kind were counted after this one; more than the last twenty are not told apart."""
    later = Q(watch_ended_at__gt=ended_at)
    if run is not None:
        later |= Q(watch_ended_at=ended_at, pk__gt=run)
    return len(_counted_runs(change).filter(later).values_list("pk")[: LAST + 1])


def _suspend_where_too_many(model: ChangeModel | None, row: History) -> None:
    limits = in_force().limits
    if (
        model is not None
        and sum(row.recent) >= limits.model_failures_until_suspended
        and model.status == ChangeModel.Status.APPROVED
    ):
        because = gettext("%(failures)d failures in the last %(runs)d runs")
        suspend_by_headroom(model, actor=GATE, because=because % {"failures": sum(row.recent), "runs": len(row.recent)})
