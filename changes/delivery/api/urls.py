"""Their places below /api/v1/."""

from django.urls import URLPattern, re_path

from changes.delivery.api import doors

_SLUG = r"(?P<source>[a-z0-9-]{1,63})"

urlpatterns: list[URLPattern] = [
    re_path(r"^integrations/github/?$", doors.GithubDoor.as_view({"post": "take"}), name="deliveries-github"),
    re_path(r"^integrations/gitlab/?$", doors.GitlabDoor.as_view({"post": "take"}), name="deliveries-gitlab"),
    re_path(
        rf"^integrations/generic/{_SLUG}/?$",
        doors.GenericDeliveryDoor.as_view({"post": "take"}),
        name="deliveries-generic",
    ),
]
