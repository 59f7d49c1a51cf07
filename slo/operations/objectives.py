"""Setting objectives and changing their terms, without rewriting what was promised before."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.models import Service
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from slo import policies
from slo.engine.burn import error_budget_ppb
from slo.engine.samples import epoch_minute
from slo.engine.states import Level
from slo.engine.windows import LONGEST_WINDOW_DAYS, SHORTEST_WINDOW_DAYS, can_alert
from slo.models import Budget, Indicator, Objective, ObjectiveVersion
from slo.operations.evaluation import evaluate

# Changing one of these makes a new version; the second tuple might lift a freeze by itself.
_TERMS = ("target", "window_days", "indicator_id")
_MIGHT_LIFT_A_FREEZE = ("window_days", "indicator_id", "gating")


def create_objective(
    *,
    actor: Actor,
    at: datetime,
    slug: str,
    name: str,
    service: Service,
    indicator: Indicator,
    target: Decimal,
    window_days: int = 28,
    environment: str = "production",
    gating: bool = True,
) -> Objective:
    """A new objective, evaluated at once over whatever its indicator already holds.

    Raises NotPermitted, InvalidInput (target, window), Conflict (slug taken).
    """
    _check_keeper(actor, service)
    _check_terms(target, window_days)
    with transaction.atomic():
        try:
            with transaction.atomic():
                objective = Objective.objects.create(
                    slug=slug, name=name, service=service, environment=environment, indicator=indicator,
                    target=target, window_days=window_days, gating=gating, created_by_id=actor.id,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(gettext("There is already an objective called %(slug)s.") % {"slug": slug}) from error
        _keep_version(objective, actor, at, from_minute=0)
        _pull_whole_window(indicator)
        lifecycle.created(
            objective, actor=actor, changes={"target": [None, target], "window_days": [None, window_days]}
        )
        evaluate(at=at, objectives=[objective.pk])
    return objective


def edit_objective(
    objective: Objective, *, actor: Actor, version: int | None, at: datetime, **fields: Any
) -> Objective:
    """Change name, gating, target, window_days, indicator. New terms hold from this minute on.

    The minutes before keep the terms of their time, so a lower target frees no budget that is
    already burnt. What could lift a freeze by itself (another window or indicator, no longer
    gating) needs a change manager while the budget is exhausted.
    """
    _check_keeper(actor, objective.service)
    with lifecycle.edit(objective, actor=actor, version=version) as current:
        before = _picture(current)
        for field, value in fields.items():
            setattr(current, field, value)
        changed = {name for name, value in _picture(current).items() if value != before[name]}
        if changed & set(_MIGHT_LIFT_A_FREEZE):
            _check_freeze(current, actor)
        if changed & set(_TERMS):
            _check_terms(current.target, current.window_days)
            current.terms_version += 1
            _keep_version(current, actor, at, from_minute=epoch_minute(at))
            _pull_whole_window(current.indicator)
    evaluate(at=at, objectives=[objective.pk])
    return current


def _picture(objective: Objective) -> dict[str, Any]:
    return {name: getattr(objective, name) for name in (*_TERMS, "gating")}


def _check_keeper(actor: Actor, service: Service) -> None:
    if not policies.keepers(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not set objectives for %(service_slug)s; its owners and engineers may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )


def _check_terms(target: Decimal, window_days: int) -> None:
    if not SHORTEST_WINDOW_DAYS <= window_days <= LONGEST_WINDOW_DAYS:
        raise InvalidInput(gettext("A window has 7 to 90 days."), {"window_days": ["between 7 and 90"]})
    try:
        budget_ppb = error_budget_ppb(target)
    except ValueError as error:
        raise InvalidInput(str(error), {"target": [str(error)]}) from error
    if not can_alert(budget_ppb, window_days):
        raise InvalidInput(
            gettext("With so large a budget even a total outage could never alert."),
            {"target": ["no burn alert could fire"]},
        )


def _check_freeze(objective: Objective, actor: Actor) -> None:
    exhausted = Budget.objects.filter(pk=objective.pk, level=Level.EXHAUSTED).exists()
    if exhausted and not policies.budget_authorities(actor):
        raise NotPermitted(
            gettext(
                "The budget of %(objective_slug)s is exhausted; only a change manager "
                "may change what it is measured by."
            )
            % {"objective_slug": objective.slug}
        )


def _keep_version(objective: Objective, actor: Actor, at: datetime, *, from_minute: int) -> None:
    ObjectiveVersion.objects.create(
        objective=objective,
        number=objective.terms_version,
        indicator_id=objective.indicator_id,
        target=objective.target,
        error_budget_ppb=error_budget_ppb(objective.target),
        window_days=objective.window_days,
        from_minute=from_minute,
        made_at=at,
        made_by=actor.name[:150],
    )


def _pull_whole_window(indicator: Indicator) -> None:
    """A new or longer window may reach behind what was pulled so far."""
    Indicator.objects.filter(pk=indicator.pk, pulled_until__isnull=False).update(pulled_until=None)
