"""The catalog's part of the API."""

from catalog.services.api.viewsets import ServiceViewSet
from itsm.api.routing import Router


def register(router: Router) -> None:
    router.register("services", ServiceViewSet, basename="service")
