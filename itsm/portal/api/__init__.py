"""The portal over REST."""

from itsm.api.routing import Router
from itsm.portal.api.announcements import AnnouncementViewSet


def register(router: Router) -> None:
    router.register("announcements", AnnouncementViewSet, basename="announcement")
