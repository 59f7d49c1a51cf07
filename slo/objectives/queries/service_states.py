"""What objectives know of services for people who only ask: one that burns fast has trouble now."""

from datetime import datetime

from catalog.environments.queries import production_names
from catalog.services.vocabulary import ServiceState
from slo.engine.states import State
from slo.objectives.queries.standing import in_force


def troubled_services(at: datetime) -> dict[int, ServiceState]:
    """Services with a deciding objective in production that burns fast, whatever `at` is: as it was last evaluated.

    One query. A budget says that requests fail, never that all of them do.
    """
    burning = in_force().filter(gating=True, environment__in=production_names(), budget__state=State.BURNING_FAST.value)
    return dict.fromkeys(burning.order_by().values_list("service", flat=True), ServiceState.DEGRADED)
