"""A person says whether a sample in quarantine counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import read_by_changes_of
from itsm import lifecycle
from itsm.accounts import interest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.prefix import Counts
from slo.measuring.models import QuarantinedSample
from slo.measuring.operations.samples import lock_writers, record_many
from slo.measuring.queries.measurers import persons_behind_indicator
from slo.measuring.workflow import QUARANTINE
from slo.objectives.operations.evaluation import evaluate, lock_budgets_for_evaluation
from slo.objectives.queries.measurers import fed_objectives


@QUARANTINE.takes("release")
def release_sample(
    sample: QuarantinedSample, *, actor: Actor, at: datetime, version: int | None = None
) -> QuarantinedSample:
    """It counts from now on. NotPermitted for programs, measurers, the interested, and other roles."""
    with _decided(sample, "release", actor=actor, at=at, version=version) as objectives:
        counts = Counts(sample.bad, sample.total)
        record_many({sample.indicator_id: {sample.minute: counts}}, at=at, screened=True)
        if objectives:
            evaluate(at=at, objectives=objectives)
    sample.refresh_from_db()
    return sample


@QUARANTINE.takes("discard")
def discard_sample(
    sample: QuarantinedSample, *, actor: Actor, at: datetime, version: int | None = None
) -> QuarantinedSample:
    """It never counts; its minute stays missing until something else is measured for it.

    Raises NotPermitted as `release_sample` does, WrongState once decided, and StaleVersion.
    """
    with _decided(sample, "discard", actor=actor, at=at, version=version):
        pass
    sample.refresh_from_db()
    return sample


@contextmanager
def _decided(
    sample: QuarantinedSample, action: str, *, actor: Actor, at: datetime, version: int | None
) -> Iterator[list[int]]:
    """Budgets, the indicator, the sample, in this order; yields the objectives that it counts for."""
    sample.workflow.begin(action, actor, sample)
    fed = fed_objectives(sample.indicator_id)
    services = read_by_changes_of([one.service_id for one in fed])
    interest.require_no_interest(actor, services, doing=gettext("decide about this sample"))
    if actor.person_id in persons_behind_indicator(sample.indicator_id):
        raise NotPermitted(
            gettext("%(actor_name)s measures %(indicator_slug)s; another person decides about its samples.")
            % {"actor_name": actor.name, "indicator_slug": sample.indicator.slug}
        )
    objectives = [one.pk for one in fed]
    with transaction.atomic():
        lock_budgets_for_evaluation(objectives)
        lock_writers([sample.indicator_id])
        with lifecycle.step(sample, action, actor=actor, version=version) as current:
            current.decided_by_id, current.decided_at = actor.id, at
        sample.bad, sample.total = current.bad, current.total
        yield objectives
