"""This app's part of the API."""

from itsm.api.routing import Router
from itsm.work.api.views import ViewViewSet


def register(router: Router) -> None:
    router.register("views", ViewViewSet, basename="view")
