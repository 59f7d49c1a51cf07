"""What follows once it is known what a change cost: its figure, its close code, its run, and a review."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from changes.change.models import Change, Deployment
from changes.change.operations import costing
from changes.change.operations.costing import FoundCost
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import Status
from changes.ledger.models import ChangeCost, Debit
from changes.ledger.operations.reckoning import reckon
from changes.ledger.queries.sums import ObjectiveSum, failed_by, sums_of
from changes.ledger.queries.windows import window_of
from changes.ledger.vocabulary import FailedBy
from itsm import lifecycle
from slo.objectives.queries.counted_minutes import measured_objectives

DEAR = Decimal("0.2")  # of a whole budget: people look back at it


@transaction.atomic
def follow(change_id: int, at: datetime) -> bool:
    """Its debits moved, or are whole: keep what they come to, and do what follows. The change first, as everywhere.

    Raises nothing.
    """
    change = lifecycle.locked(Change.objects.select_related("service").get(pk=change_id))
    cost = note_cost(change, at)
    # Of what runs nothing follows yet, nor before its watch has looked at it: `told` is asked then.
    if change.status != Status.RUNNING and not _is_watched(change):
        costing.follow(change, found(cost), at=at)
    return True


def _is_watched(change: Change) -> bool:
    return change.deployments.filter(watch=Deployment.Watch.OPEN).exists()


def told(change: Change, at: datetime) -> FoundCost | None:
    """For the end of its watch: reckoned here and now. The caller holds the change."""
    reckon(change, at=at)
    return found(note_cost(change, at))


def note_cost(change: Change, at: datetime) -> ChangeCost:
    """Sum its debits up, and keep what they come to. The caller holds the change. Raises nothing."""
    Debit.objects.filter(change=change, followed=False).update(followed=True)
    sums = sums_of(change)
    why = failed_by(change, sums)
    dearest = sums[0] if sums else None
    known = ChangeCost.objects.filter(change=change).first()
    whole = change.status != Status.RUNNING and is_whole(change, at)
    figures = {
        "objective_id": dearest.objective if dearest else None,
        "share": dearest.share if dearest else Decimal(0),
        "reserved": dearest.reserved if dearest else Decimal(0),
        "failed": why != FailedBy.NOTHING,
        "why": why,
        "proposed": proposed(change, sums, why),
        "reckoned_at": at,
        "final_at": ((known.final_at if known else None) or at) if whole else None,
    }
    cost, _made = ChangeCost.objects.update_or_create(change=change, defaults=figures)
    return cost


def proposed(change: Change, sums: list[ObjectiveSum], why: FailedBy) -> OutcomeCode:
    """The close code: by what it cost against what was reserved, and against the whole budget."""
    if why == FailedBy.ROLLED_BACK or any(one.share > DEAR for one in sums):
        return OutcomeCode.UNSUCCESSFUL
    return OutcomeCode.WITH_ISSUES if any(one.is_above_reserved for one in sums) else OutcomeCode.SUCCESSFUL


def found(cost: ChangeCost) -> FoundCost:
    """As the change's own operations take it."""
    return FoundCost(cost.proposed, cost.failed, cost.share > DEAR)


def is_whole(change: Change, at: datetime) -> bool:
    """Whether all of its minutes were measured; of a service that nobody measures there is nothing to wait for."""
    window = window_of(change, at)
    objectives = measured_objectives(change.service_id, change.environment)
    return window is not None and all(one.until >= window.last for one in objectives)
