"""The change calendar over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from changes.calendar import permissions
from changes.calendar.models import CalendarWindow
from changes.calendar.operations import windows
from itsm.accounts import scopes
from itsm.accounts.permissions import anyone, staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class NewCalendarWindow(Strict):
    kind = fields.Choice(choices=CalendarWindow.Kind.choices)
    name = fields.Text(max_length=120)
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    reason = fields.Text(max_length=2000)
    services = serializers.ListField(child=ServiceField(), default=list, max_length=200)
    environments = serializers.ListField(child=EnvironmentNameField(), default=list, max_length=20)


class CalendarWindowShown(Shown):
    kind = serializers.CharField(source="window_type")
    services = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField(help_text="Why; empty for requesters.")

    class Meta:
        model = CalendarWindow
        fields = (
            "id", "kind", "name", "starts_at", "ends_at", "reason", "services", "environments", "lifted_at", "version",
        )  # fmt: skip

    def get_reason(self, window: CalendarWindow) -> str:
        return window.reason if staff(self.context["view"].actor) else ""

    def get_services(self, window: CalendarWindow) -> list[str]:
        return [service.slug for service in window.services.all()]


class CalendarViewSet(Readable):
    """Freezes, blackouts, lockdowns, maintenance."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "create": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
        "lift": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
    }
    serializer_class = CalendarWindowShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[CalendarWindow]:
        return CalendarWindow.objects.prefetch_related("services").order_by()

    @extend_schema(request=NewCalendarWindow, responses={201: CalendarWindowShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        words = self.validated(NewCalendarWindow)
        window = windows.add_window(actor=self.actor, at=timezone.now(), window_type=words.pop("kind"), **words)
        return self.respond(window, 201, {"Location": f"/api/v1/calendar-windows/{window.pk}/"})

    @extend_schema(request=Nothing, responses=CalendarWindowShown)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """End it now; what it postponed is judged again."""
        self.validated(Nothing)
        window = windows.lift_window(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.respond(window)
