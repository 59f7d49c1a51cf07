"""The change calendar over REST."""

from datetime import datetime
from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from changes.calendar import permissions
from changes.calendar.models import KINDS, CalendarWindow
from changes.calendar.operations import lockdowns, windows
from changes.calendar.queries.page import with_scope, with_times
from changes.calendar.rules.recurrence_rule import LONGEST
from changes.calendar.workflow import LOCKDOWN
from itsm.accounts import scopes
from itsm.accounts.permissions import anyone, staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class WindowScope(Strict):
    """What a window concerns: what all that it names have in common; what is empty narrows nothing."""

    services = serializers.ListField(child=ServiceField(), default=list, max_length=200)
    with_dependents = fields.YesNo(default=False)
    tiers = serializers.ListField(child=fields.Whole(min_value=1, max_value=4), default=list, max_length=4)
    teams = serializers.ListField(child=TeamField(), default=list, max_length=50)
    environments = serializers.ListField(child=EnvironmentNameField(), default=list, max_length=20)
    change_kinds = serializers.ListField(
        child=fields.Choice(choices=KINDS),
        default=list,
        max_length=len(KINDS),
        help_text="as the gate counts a change: by what is proven",
    )


class NewCalendarWindow(Strict):
    kind = fields.Choice(choices=CalendarWindow.Kind.choices)
    name = fields.Text(max_length=120)
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    rrule = fields.Text(
        max_length=LONGEST,
        allow_blank=True,
        default="",
        help_text="RFC 5545, such as FREQ=WEEKLY;BYDAY=SU; empty: once",
    )
    zone = fields.Text(
        max_length=64, allow_blank=True, default="", help_text="whose clocks the rule is meant by: Europe/Berlin"
    )
    scope = WindowScope(required=False)
    demanded = fields.YesNo(default=False, help_text="of a maintenance: changes in scope happen here only")
    reason = fields.Text(max_length=2000)


class LockdownEdited(Strict):
    """The draft of a lockdown; what is not sent stays, and a scope is sent as a whole."""

    name = fields.Text(max_length=120, required=False)
    starts_at = fields.Instant(required=False)
    ends_at = fields.Instant(required=False)
    reason = fields.Text(max_length=2000, required=False)
    scope = WindowScope(required=False)


class WindowScopeShown(serializers.Serializer[CalendarWindow]):
    services = serializers.SerializerMethodField()
    with_dependents = serializers.BooleanField()
    tiers = serializers.ListField(child=serializers.IntegerField())
    teams = serializers.SerializerMethodField()
    environments = serializers.ListField(child=serializers.CharField())
    change_kinds = serializers.ListField(child=serializers.CharField())

    def get_services(self, window: CalendarWindow) -> list[str]:
        return [service.slug for service in window.services.all()]

    def get_teams(self, window: CalendarWindow) -> list[str]:
        return [team.slug for team in window.teams.all()]


class CalendarWindowShown(Shown):
    kind = serializers.CharField(source="window_type")
    scope = WindowScopeShown(source="*", read_only=True)
    reason = serializers.SerializerMethodField(help_text="Why; empty for requesters.")
    next_start = serializers.SerializerMethodField(help_text="Of what recurs: when it is next, or goes on.")
    next_end = serializers.SerializerMethodField()

    class Meta:
        model = CalendarWindow
        fields = (
            "id", "kind", "name", "starts_at", "ends_at", "rrule", "zone", "next_start", "next_end", "reason", "scope",
            "demanded", "status", "enforced_at", "lifted_at", "version",
        )  # fmt: skip

    def get_reason(self, window: CalendarWindow) -> str:
        return window.reason if staff(self.context["view"].actor) else ""

    def get_next_start(self, window: CalendarWindow) -> datetime | None:
        return _next(window)[0]

    def get_next_end(self, window: CalendarWindow) -> datetime | None:
        return _next(window)[1]


def _next(window: CalendarWindow) -> tuple[datetime | None, datetime | None]:
    """Both ends, where the query brought them; of one that was just entered, its first time."""
    if window.lifted_at is not None:
        return None, None
    return getattr(window, "next_start", window.starts_at), getattr(window, "next_end", window.ends_at)


_DECIDES = Entry(permissions.calendar_keepers, scopes.CHANGES_APPROVE, over=permissions.calendar_deciders)


@draws_steps(
    LOCKDOWN,
    record="a calendar window",
    scope=scopes.CHANGES_WRITE,
    who=permissions.calendar_keepers,
    approve=_DECIDES,
    decline=_DECIDES,
)
class CalendarViewSet(Readable):
    """Freezes, blackouts, maintenance, in force as they are entered; lockdowns, once a second person approved them."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "create": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
        "partial_update": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
    }
    serializer_class = CalendarWindowShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[CalendarWindow]:
        return with_times(with_scope(self.actor), timezone.now())

    @extend_schema(request=NewCalendarWindow, responses={201: CalendarWindowShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        words = self.validated(NewCalendarWindow)
        words |= words.pop("scope", {})
        window = windows.add_window(actor=self.actor, at=timezone.now(), window_type=words.pop("kind"), **words)
        return self.respond(window, 201, {"Location": f"/api/v1/calendar-windows/{window.pk}/"})

    @extend_schema(request=LockdownEdited, responses=CalendarWindowShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Write the draft of a lockdown anew. What is in force is lifted and entered anew instead."""
        words = self.validated(LockdownEdited)
        words |= words.pop("scope", {})
        return self.respond(
            lockdowns.edit_draft(
                self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
            )
        )
