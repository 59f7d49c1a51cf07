"""The part of the API that people and teams have."""

from itsm.api.routing import Router
from itsm.people.api.locations import LocationViewSet
from itsm.people.api.lockouts import LockoutViewSet
from itsm.people.api.notification_rules import NotificationRuleViewSet
from itsm.people.api.push import PushDeviceViewSet
from itsm.people.api.viewsets import PersonViewSet, TeamViewSet


def register(router: Router) -> None:
    router.register("people", PersonViewSet, basename="person")
    router.register("teams", TeamViewSet, basename="team")
    router.register("locations", LocationViewSet, basename="location")
    router.register("lockouts", LockoutViewSet, basename="lockout")
    router.register("me/push-devices", PushDeviceViewSet, basename="push-device")
    router.register("notification-rules", NotificationRuleViewSet, basename="notification-rule")
