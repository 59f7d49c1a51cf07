"""Ending objectives, and taking them up again: what was promised stays readable in between."""

from datetime import datetime

from django.utils.translation import gettext

from itsm import lifecycle
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from slo.objectives.models import Objective
from slo.objectives.operations.alerts import notify_alerts
from slo.objectives.operations.evaluation import EVALUATOR, budget_locked, evaluate
from slo.objectives.operations.guarding import must_wait, propose_retirement, require_no_stake_in_beginning
from slo.objectives.operations.relaxing import require_budget_authority, require_keeper


def retire_objective(
    objective: Objective, *, actor: Actor, version: int | None, at: datetime, seconded: Confirmation | None = None
) -> Objective:
    """It promises nothing any more: not evaluated, not gating, not listed. Its history stays.

    One that gates and was measured waits for a second person first (`seconded`), as in `edit_objective`.

    Raises NotPermitted, StaleVersion and VersionRequired.
    """
    require_keeper(actor, objective.service)
    with lifecycle.edit(objective, actor=actor, version=version, event="retired") as current:
        if current.retired_at is None:
            if current.gating:
                require_budget_authority(current, actor)
            if (
                current.gating
                and seconded is None
                and must_wait(current, actor, at, doing=gettext("retire an objective"))
            ):
                current.awaits = propose_retirement(current, actor=actor, at=at)
                return current
            current.retired_at = at
            current.alerts.filter(ended_at__isnull=True).update(ended_at=at)
    notify_alerts([objective.pk], actor=EVALUATOR, at=at)
    return current


def retire_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The retirement that a second person confirmed. NotPermitted; StaleVersion where it has changed since."""
    objective = Objective.objects.select_related("service").get(pk=confirmation.record_id)
    version = confirmation.payload["version"]
    retire_objective(objective, actor=actor, version=version, at=at, seconded=confirmation)


def revive_objective(objective: Objective, *, actor: Actor, at: datetime, evaluated: bool = True) -> Objective:
    """Take a retired objective up again, with the terms that it had. Raises NotPermitted."""
    require_keeper(actor, objective.service)
    begun = lifecycle.edit(objective, actor=actor, version=None, event="revived", version_required=False)
    with budget_locked(objective.pk), begun as current:
        require_no_stake_in_beginning(current, actor)
        current.retired_at = None
    if evaluated:
        evaluate(at=at, objectives=[objective.pk])
    return current
