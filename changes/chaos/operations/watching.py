"""While an experiment runs it is looked at every fifteen seconds, in the lane that wakes people: nothing slow is in it.

Promise: within a minute of its stake being seen burnt, or of a page row firing on what it reaches, its abort hook is
called. What is owed is a row: a killed worker loses none of it.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from changes.change.models import Change, Deployment
from changes.change.vocabulary import EXPERIMENT
from changes.change.workflow import Status
from changes.chaos.models import ChaosAbort, ChaosBurn, ChaosExperiment
from changes.chaos.operations.aborting import begin_abort
from changes.chaos.queries import watched
from changes.chaos.rules import why_abort
from itsm import lifecycle
from itsm.clocks import due

WATCH = "changes.watch_experiment"
EVERY = timedelta(seconds=15)
SETTLED_AFTER = timedelta(minutes=12)


def follow_run(deployment: Deployment) -> None:
    """An experiment's run has begun, or ended, in that transaction. Raises nothing."""
    if deployment.change.purpose != EXPERIMENT:
        return
    experiment = ChaosExperiment.objects.get(change=deployment.change_id)
    if deployment.status == Deployment.Status.STARTED:
        due.schedule(WATCH, experiment.kind, experiment.pk, deployment.started_at)
    else:  # once more, when what was measured of its last minutes has arrived
        ended = deployment.finished_at or deployment.started_at
        due.schedule(WATCH, experiment.kind, experiment.pk, ended + SETTLED_AFTER)


@transaction.atomic
def watch(experiment_id: int, at: datetime) -> None:
    """Due: note what it burned so far, and stop it where it has to. Once it is over, the last time. Raises nothing."""
    change = lifecycle.locked(Change.objects.get(experiment=experiment_id))
    if change.status not in (Status.RUNNING, Status.REVIEWING):
        return
    experiment = ChaosExperiment.objects.get(pk=experiment_id)
    experiment.change = change
    found = watched(change, at)
    note_burns(experiment, found.burned, at)
    if change.status != Status.RUNNING:
        return
    asked = ChaosAbort.objects.filter(experiment=experiment).exists()
    reason = None if asked else why_abort(change.stake or Decimal(0), found.seen)
    if reason is not None:
        begin_abort(
            experiment, cause=reason.cause, objective=reason.objective, burned=reason.burned, because="",
            asked_by=None, at=at,
        )  # fmt: skip
    due.schedule(WATCH, experiment.kind, experiment.pk, at + EVERY)


def note_burns(experiment: ChaosExperiment, burned: dict[int, Decimal], at: datetime) -> None:
    """What failed of each budget while it ran, as known now: late samples change it."""
    rows = [
        ChaosBurn(experiment=experiment, objective_id=objective, share=share, counted_at=at)
        for objective, share in sorted(burned.items())
    ]
    ChaosBurn.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["experiment", "objective"], update_fields=["share", "counted_at"]
    )
