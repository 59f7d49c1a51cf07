"""Their places below /api/v1/."""

from django.urls import URLPattern, re_path

from incidents.alerts_in.api import doors, keeping, reading
from itsm.api.routing import Router

_SLUG = r"(?P<source>[a-z0-9-]{1,63})"

_pagerduty = doors.PagerdutyDoor.as_view({"post": "create"})
_generic = doors.GenericDoor.as_view({"post": "create"})

urlpatterns: list[URLPattern] = [
    re_path(
        r"^integrations/pagerduty/v2/enqueue/?$",
        doors.PagerdutyDoor.as_view({"post": "create"}),
        name="alerts-pagerduty",
    ),
    re_path(rf"^integrations/alerts/{_SLUG}/?$", doors.GenericDoor.as_view({"post": "create"}), name="alerts-generic"),
]


def register(router: Router) -> None:
    """The doors, and what came in by them."""
    router.register("integrations/alertmanager", doors.AlertmanagerDoor, basename="alerts-alertmanager")
    router.register("integrations/grafana", doors.GrafanaDoor, basename="alerts-grafana")
    router.register("integrations/cdevents", doors.CdeventsDoor, basename="alerts-cdevents")
    router.register("alerts", reading.AlertViewSet, basename="alert")
    router.register("alert-intakes", reading.IntakeViewSet, basename="alert-intake")
    router.register("alert-sources", keeping.AlertSourceViewSet, basename="alert-source")
    router.register("alert-routing", keeping.RoutingViewSet, basename="alert-routing")
