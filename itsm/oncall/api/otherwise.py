"""Overrides, swaps, time off and feeds over REST."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.models import User
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.oncall import operations, permissions
from itsm.oncall.api.serializers import (
    NewOnCallFeed,
    NewScheduleOverride,
    NewSwap,
    NewTimeOff,
    OnCallFeedShown,
    ScheduleOverrideShown,
    SwapShown,
    TimeOffShown,
)
from itsm.oncall.models import OnCallFeed, Override, Swap, TimeOff
from itsm.oncall.queries import otherwise
from itsm.oncall.queries.feeds import feeds_of
from itsm.oncall.vocabulary import SwapStatus
from itsm.oncall.workflow import WORKFLOW

_READ = Entry(permissions.readers)
_WRITE = Entry(permissions.on_the_rota, scopes.ONCALL_WRITE)


class OfSchedule(Listed):
    schedule = django_filters.CharFilter(field_name="schedule__slug", max_length=63)


class ScheduleOverrideFilter(OfSchedule):
    class Meta:
        model = Override
        fields = ("schedule",)


class SwapFilter(OfSchedule):
    status = django_filters.ChoiceFilter(choices=SwapStatus.choices)

    class Meta:
        model = Swap
        fields = ("schedule", "status")


class TimeOffFilter(Listed):
    person = django_filters.CharFilter(field_name="person__username", max_length=150)

    class Meta:
        model = TimeOff
        fields = ("person",)


class ScheduleOverrideViewSet(Readable):
    """Who has it instead, whatever the layers say. The newest wins."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": _WRITE,
        "withdraw": Entry(permissions.contributors, scopes.ONCALL_WRITE, over=permissions.overriders_of),
    }
    serializer_class = ScheduleOverrideShown
    filterset_class = ScheduleOverrideFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Override]:
        return otherwise.overrides(self.actor).order_by()

    @extend_schema(request=NewScheduleOverride, responses={201: ScheduleOverrideShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewScheduleOverride)
        made = operations.override(said.pop("schedule"), actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/schedule-overrides/{made.pk}/"})

    @extend_schema(request=Nothing, responses={200: ScheduleOverrideShown})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It holds no more from now on."""
        self.validated(Nothing)
        made, version = self.get_object(), version_read(request)
        return self.respond(operations.withdraw_override(made, actor=self.actor, version=version, at=timezone.now()))


@draws_steps(WORKFLOW, record="a swap", scope=scopes.ONCALL_WRITE, who=permissions.contributors)
class SwapViewSet(Readable):
    """Turns that change hands. Keyed by number (SWP-00007)."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _WRITE}
    serializer_class = SwapShown
    filterset_class = SwapFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Swap]:
        return otherwise.swaps(self.actor).order_by()

    def get_object(self) -> Swap:
        return otherwise.swap_called(self.actor, self.kwargs["number"])

    @extend_schema(request=NewSwap, responses={201: SwapShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewSwap)
        said.setdefault("out", _caller(request))
        made = operations.ask_swap(said.pop("schedule"), actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/swaps/{made.reference}/"})


class TimeOffViewSet(Readable):
    """Who is away: their turns fall to the layer below."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": Entry(permissions.absent, scopes.ONCALL_WRITE),
        "cancel": Entry(permissions.contributors, scopes.ONCALL_WRITE, over=permissions.keepers_of_absence),
    }
    serializer_class = TimeOffShown
    filterset_class = TimeOffFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[TimeOff]:
        return otherwise.time_off(self.actor).order_by()

    @extend_schema(request=NewTimeOff, responses={201: TimeOffShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewTimeOff)
        person = said.pop("person", None) or _caller(request)
        made = operations.take_time_off(person, actor=self.actor, at=timezone.now(), **said)
        return self.respond(made, 201, {"Location": f"/api/v1/time-off/{made.pk}/"})

    @extend_schema(request=Nothing, responses={200: TimeOffShown})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """They are there after all; what has passed stands."""
        self.validated(Nothing)
        off, version = self.get_object(), version_read(request)
        return self.respond(operations.cancel_time_off(off, actor=self.actor, version=version, at=timezone.now()))


class OnCallFeedViewSet(Readable):
    """One's own feeds of shifts: an address that a calendar program reads without signing in."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": Entry(permissions.feed_owners, scopes.ONCALL_WRITE),
        "revoke": Entry(permissions.feed_owners, scopes.ONCALL_WRITE, over=permissions.feed_owners),
    }
    serializer_class = OnCallFeedShown
    address = ""  # of the feed that this request makes
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[OnCallFeed]:
        return feeds_of(self.actor).order_by()

    @extend_schema(request=NewOnCallFeed, responses={201: OnCallFeedShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        feed, token = operations.make_feed(actor=self.actor, at=timezone.now(), **self.validated(NewOnCallFeed))
        self.address = request.build_absolute_uri(f"/on-call/feeds/{token}.ics")
        return self.respond(feed, 201, {"Location": f"/api/v1/on-call-feeds/{feed.pk}/"})

    @extend_schema(request=Nothing, responses={200: OnCallFeedShown})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Its address opens nothing from here on."""
        self.validated(Nothing)
        feed, version = self.get_object(), version_read(request)
        return self.respond(operations.revoke_feed(feed, actor=self.actor, version=version, at=timezone.now()))


def _caller(request: Any) -> User:
    caller: User = request.user
    return caller
