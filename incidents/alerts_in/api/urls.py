"""Their places below /api/v1/."""

from typing import Any

from django.urls import URLPattern, re_path

from incidents.alerts_in.api import doors, keeping, quiets, reading
from itsm.api.routing import Router

_SLUG = r"(?P<source>[a-z0-9-]{1,63})"


def _door(view: Any) -> Any:
    return view.as_view({"post": "take"})


urlpatterns: list[URLPattern] = [
    re_path(r"^integrations/alertmanager/?$", _door(doors.AlertmanagerDoor), name="alerts-alertmanager"),
    re_path(r"^integrations/grafana/?$", _door(doors.GrafanaDoor), name="alerts-grafana"),
    re_path(r"^integrations/cdevents/?$", _door(doors.CdeventsDoor), name="alerts-cdevents"),
    re_path(r"^integrations/pagerduty/v2/enqueue/?$", _door(doors.PagerdutyDoor), name="alerts-pagerduty"),
    re_path(rf"^integrations/alerts/{_SLUG}/?$", _door(doors.GenericDoor), name="alerts-generic"),
]


def register(router: Router) -> None:
    """What came in by the doors, and by which rules."""
    router.register("alerts", reading.AlertViewSet, basename="alert")
    router.register("alert-intakes", reading.IntakeViewSet, basename="alert-intake")
    router.register("alert-sources", keeping.AlertSourceViewSet, basename="alert-source")
    router.register("quiets", quiets.QuietViewSet, basename="quiet")
    router.register("alert-routing", keeping.RoutingViewSet, basename="alert-routing")
