"""Who may change what an objective is measured by: who keeps it; while its budget stops changes, a change manager."""

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext

from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from slo.engine.states import Flag, Level
from slo.measuring.models import DataSource
from slo.objectives import permissions
from slo.objectives.models import Budget, Objective

if TYPE_CHECKING:
    from catalog.models import Service


def require_keeper(actor: Actor, service: "Service") -> None:
    """NotPermitted for who does not keep the objectives of this service."""
    if not permissions.keepers(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not set objectives for %(service_slug)s; its owners and engineers may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )


def require_budget_authority(objective: Objective, actor: Actor) -> None:
    """NotPermitted where changing what this objective is measured by might let changes through that now wait."""
    budget = Budget.objects.filter(pk=objective.pk).first()
    if budget is None or permissions.budget_authorities(actor):
        return
    if budget.level == Level.EXHAUSTED:
        raise NotPermitted(
            gettext(
                "The budget of %(objective_slug)s is exhausted; only a change manager "
                "may change what it is measured by."
            )
            % {"objective_slug": objective.slug}
        )
    if Flag.BURNING_FAST in budget.flags:
        raise NotPermitted(
            gettext(
                "The budget of %(objective_slug)s burns fast; until that is over, only a change manager "
                "may change what it is measured by."
            )
            % {"objective_slug": objective.slug}
        )


def require_budget_authority_for_source(source: DataSource, actor: Actor) -> None:
    """The same for the place that measurements come from: another one could tell another history.

    Raises NotPermitted.
    """
    stops = Q(level=Level.EXHAUSTED) | Q(flags__contains=[Flag.BURNING_FAST])
    measured = Budget.objects.filter(
        stops, objective__gating=True, objective__retired_at=None,
        objective__counted_periods__series__members__indicator__data_source=source,
    )  # fmt: skip
    stopping = measured.select_related("objective").order_by("pk").first()
    if stopping is not None:
        require_budget_authority(stopping.objective, actor)
