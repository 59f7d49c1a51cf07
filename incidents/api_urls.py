"""The incidents' part of the API."""

from incidents.incident.api.viewsets import IncidentViewSet
from incidents.sla import api as sla
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("incidents", IncidentViewSet, basename="incident")
    sla.register(router)
