"""Their places below /api/v1/."""

from django.urls import URLPattern, re_path

from changes.delivery.api import doors, keeping
from changes.delivery.api.completeness import CompletenessViewSet
from changes.delivery.api.deployments import DeploymentViewSet
from itsm.api.routing import Router

_SLUG = r"(?P<source>[a-z0-9-]{1,63})"

urlpatterns: list[URLPattern] = [
    re_path(r"^integrations/github/?$", doors.GithubDoor.as_view({"post": "take"}), name="deliveries-github"),
    re_path(r"^integrations/gitlab/?$", doors.GitlabDoor.as_view({"post": "take"}), name="deliveries-gitlab"),
    re_path(
        rf"^integrations/generic/{_SLUG}/?$",
        doors.GenericDeliveryDoor.as_view({"post": "take"}),
        name="deliveries-generic",
    ),
    re_path(r"^reports/completeness/?$", CompletenessViewSet.as_view({"get": "retrieve"}), name="completeness"),
]


def register(router: Router) -> None:
    """Deployments, and for who keeps them the doors by which they are told."""
    router.register("deployments", DeploymentViewSet, basename="deployment-event")
    router.register("delivery-sources", keeping.DeliverySourceViewSet, basename="delivery-source")
    router.register("deployment-routes", keeping.DeploymentRouteViewSet, basename="deployment-route")
    router.register("platform-deliveries", keeping.PlatformDeliveryViewSet, basename="platform-delivery")
