"""What changes do when something below moves: write rows, call no network."""

from typing import Any

from django.utils import timezone

from catalog.models import Service
from changes.models import Evaluation
from changes.operations import approving, models
from changes.operations.authorising import JUDGE_AGAIN
from itsm.clocks import due
from itsm.lifecycle import News
from slo.engine.states import State
from slo.models import Budget

# From these states on, an approval by policy that nobody has used is taken back.
COLLAPSED = frozenset({State.BURNING_FAST, State.EXHAUSTED, State.NO_DATA})


def service_created(sender: type, news: News, **_: Any) -> None:
    """A service owner said that deployments are standard changes here: make the model, on their name."""
    if news.event != "service.created" or not news.changes.get("standard_deployments", [None, False])[1]:
        return
    service: Service = news.record
    models.approve_model(
        actor=news.actor, service=service, slug=f"{service.slug}-deployment", at=timezone.now(), progressive=True,
        rollback_tested=False,
    )  # fmt: skip


def budget_restated(sender: type, news: News, **_: Any) -> None:
    """A budget's state changed: revoke what should no longer go, and look again at what waits."""
    if news.event != "budget.restated":
        return
    budget: Budget = news.record
    now = timezone.now()
    objective = budget.objective
    if objective.gating and budget.state in COLLAPSED:
        why = f"{objective.slug} is {State(budget.state).value.replace('_', ' ')}"
        approving.revoke_unused(objective.service_id, objective.environment, why=why, at=now)
    waiting = Evaluation.objects.filter(
        status=Evaluation.Status.PENDING,
        outcome="postponed",
        change__service=objective.service_id,
        change__environment=objective.environment,
    )
    for change_id in waiting.order_by("change_id").values_list("change_id", flat=True):
        due.promise(JUDGE_AGAIN, "change", change_id, now)
