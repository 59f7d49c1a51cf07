"""This app's part of the API."""

from itsm.api.routing import Router
from slo.api.viewsets import IndicatorViewSet, ObjectiveViewSet


def register(router: Router) -> None:
    router.register("slos", ObjectiveViewSet, basename="slo")
    router.register("slis", IndicatorViewSet, basename="sli")
