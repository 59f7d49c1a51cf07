"""Feeds and calendars of others over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.api.fields import ServiceField
from changes.boards.models import Board
from changes.calendar.api import WindowScope
from changes.calendar.models import CalendarWindow
from changes.feeds import permissions
from changes.feeds.models import CalendarFeed, ProposedEvent, SubscribedCalendar
from changes.feeds.operations import issuing, subscribing
from changes.feeds.queries import subscribed
from changes.feeds.queries.showing import feeds_of
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.calendars.adapters import MAX_TEXT

_KEEPS = Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE)


class NewCalendarFeed(Strict):
    about = fields.Choice(choices=CalendarFeed.About.choices)
    service = ServiceField(required=False)
    board: fields.Named = fields.Named(
        slug_field="slug", queryset=Board.objects.filter(retired_at=None), required=False
    )


class CalendarFeedShown(Shown):
    service = serializers.CharField(source="service.slug", default=None, read_only=True, allow_null=True)
    board = serializers.CharField(source="board.slug", default=None, read_only=True, allow_null=True)
    address = serializers.SerializerMethodField(help_text="where it is read: shown once, as it is made; empty later")

    class Meta:
        model = CalendarFeed
        fields = ("id", "about", "service", "board", "address", "created_at", "revoked_at", "version")

    def get_address(self, feed: CalendarFeed) -> str:
        return getattr(self.context["view"], "address", "")


class CalendarFeedViewSet(Readable):
    """One's own feeds of the calendar: an address that a calendar program reads without signing in."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(permissions.feed_owners, scopes.CHANGES_WRITE),
        "revoke": Entry(permissions.feed_owners, scopes.CHANGES_WRITE, over=permissions.feed_owners),
    }
    serializer_class = CalendarFeedShown
    address = ""  # of the feed that this request makes
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[CalendarFeed]:
        return feeds_of(self.actor).order_by()

    @extend_schema(request=NewCalendarFeed, responses={201: CalendarFeedShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        feed, token = issuing.issue_feed(actor=self.actor, at=timezone.now(), **self.validated(NewCalendarFeed))
        self.address = request.build_absolute_uri(f"/changes/calendar/feeds/{token}.ics")
        return self.respond(feed, 201, {"Location": f"/api/v1/calendar-feeds/{feed.pk}/"})

    @extend_schema(request=Nothing, responses=CalendarFeedShown)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Its address opens nothing from here on."""
        self.validated(Nothing)
        feed = self.get_object()
        return self.respond(
            issuing.revoke_feed(feed, actor=self.actor, version=version_read(request), at=timezone.now())
        )


class NewSubscribedCalendar(Strict):
    name = fields.Text(max_length=80)
    zone = fields.Text(max_length=64, help_text="whose midnight its whole days mean: Europe/Berlin")
    url = fields.Text(max_length=500, allow_blank=True, default="", help_text="where it is read, every hour")
    text = fields.Text(max_length=MAX_TEXT, allow_blank=True, default="", help_text="or the file itself, read once")


class RefusedEventShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    why = serializers.CharField()


class SubscribedCalendarShown(Shown):
    refused = RefusedEventShown(many=True, read_only=True)

    class Meta:
        model = SubscribedCalendar
        fields = ("id", "name", "url", "zone", "created_at", "read_at", "trouble", "refused", "ended_at", "version")


class SubscribedCalendarViewSet(Readable):
    """Calendars of others. What stands in them is proposed, and holds nobody before a person takes it in."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": _KEEPS,
        "read": _KEEPS,
        "end": _KEEPS,
    }
    serializer_class = SubscribedCalendarShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[SubscribedCalendar]:
        return subscribed.calendars().order_by()

    @extend_schema(request=NewSubscribedCalendar, responses={201: SubscribedCalendarShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Read at once: an address or a file that cannot be read is not kept."""
        words = self.validated(NewSubscribedCalendar)
        made = subscribing.subscribe(actor=self.actor, at=timezone.now(), **words)
        made.refresh_from_db()
        return self.respond(made, 201, {"Location": f"/api/v1/subscribed-calendars/{made.pk}/"})

    @extend_schema(request=Nothing, responses=SubscribedCalendarShown)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Ask its address now. `trouble` says why where it cannot be read."""
        self.validated(Nothing)
        return self.respond(subscribing.read_again(self.get_object(), actor=self.actor, at=timezone.now()))

    @extend_schema(request=Nothing, responses=SubscribedCalendarShown)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """It is asked no more. What was taken in stays."""
        self.validated(Nothing)
        calendar = self.get_object()
        return self.respond(
            subscribing.end_subscription(calendar, actor=self.actor, version=version_read(request), at=timezone.now())
        )


class EventTakenIn(Strict):
    kind = fields.Choice(choices=CalendarWindow.Kind.choices)
    scope = WindowScope(required=False)


class ProposedEventShown(Shown):
    calendar = serializers.IntegerField(source="calendar_id", read_only=True)
    window = serializers.IntegerField(source="window_id", read_only=True, allow_null=True)

    class Meta:
        model = ProposedEvent
        fields = (
            "id", "calendar", "name", "starts_at", "ends_at", "rrule", "zone", "status", "moved", "window", "version",
        )  # fmt: skip


class ProposedEventViewSet(Readable):
    """What stands in calendars of others: proposed, taken in, or dismissed."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "take_in": _KEEPS,
        "dismiss": _KEEPS,
    }
    serializer_class = ProposedEventShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[ProposedEvent]:
        return subscribed.events().order_by()

    @extend_schema(request=EventTakenIn, responses=ProposedEventShown)
    @action(detail=True, methods=["post"], url_path="take-in")
    def take_in(self, request: Request, pk: str) -> Response:
        """Enter it in our calendar as a window of this kind and scope."""
        words = self.validated(EventTakenIn)
        version = version_read(request)
        taken = subscribing.take_in(
            self.get_object(), actor=self.actor, version=version, at=timezone.now(), window_type=words["kind"],
            **words.get("scope", {}),
        )  # fmt: skip
        return self.respond(taken)

    @extend_schema(request=Nothing, responses=ProposedEventShown)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """It is none of ours."""
        self.validated(Nothing)
        return self.respond(subscribing.dismiss(self.get_object(), actor=self.actor, version=version_read(request)))
