"""Over REST: what is in the way of a change, where it would fit, and what stands in the calendar."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.queries import visible_services
from changes.calendar.api import NewCalendarWindow
from changes.calendar.permissions import calendar_keepers
from changes.calendar.rules.bounds import is_within
from changes.change import permissions
from changes.change.models import Change
from changes.change.operations.previewing import whom_it_hits
from changes.change.queries.calendar import calendar_of
from changes.change.queries.conflicts import conflicts_of
from changes.change.queries.slots import slots_of
from changes.gate.vocabulary import ConflictKind
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput, NotFound

_LONGEST = timedelta(days=92)
_MONTH = timedelta(days=31)


class ConflictingShown(serializers.Serializer[Any]):
    kind = fields.Choice(choices=[one.value for one in ConflictKind])
    change = serializers.CharField(source="change.reference", default=None, allow_null=True, help_text="with whom")
    calendar_window = serializers.CharField(source="window", help_text="the window of the calendar, by its name")
    left = serializers.BooleanField(source="is_left", help_text="that window has to be kept, and the change leaves it")
    since = fields.Instant(help_text="when what is in the way was entered")
    starts_at = fields.Instant(allow_null=True)
    ends_at = fields.Instant(allow_null=True)


class ConflictsShown(serializers.Serializer[Any]):
    seen_at = fields.Instant(help_text="it was looked at then: now")
    conflicts = ConflictingShown(many=True, source="found")


class SlotShown(serializers.Serializer[Any]):
    start = fields.Instant()
    free_until = fields.Instant()


class BlockedShown(serializers.Serializer[Any]):
    start = fields.Instant(help_text="an earlier start that will not do")
    kind = serializers.CharField(source="by.kind", default="outside_maintenance")
    name = serializers.CharField(source="by.name", default="", help_text="the window, or the number of the change")
    ends_at = fields.Instant(source="by.ends_at", default=None, allow_null=True)


class SlotsShown(serializers.Serializer[Any]):
    slots = SlotShown(many=True)
    blocked_by = BlockedShown(many=True)


class SlotsAsked(Strict):
    duration = fields.Text(max_length=6, default="60")

    def validate_duration(self, said: str) -> timedelta:
        minutes = int(said) if said.isascii() and said.isdecimal() else 0
        if not 1 <= minutes <= 14 * 24 * 60:
            raise serializers.ValidationError(_("Say how many minutes it takes: 1 to 20160."))
        return timedelta(minutes=minutes)


class WhenItFits:
    """What a change's viewset says of its time. Mixed in."""

    @extend_schema(responses=ConflictsShown)
    @action(detail=True, methods=["get"], filter_backends=())
    def conflicts(self: Any, request: Request, number: str) -> Response:
        """With whom, since when, and how fresh the look is: read anew each time."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(ConflictsShown(conflicts_of(self.get_object(), timezone.now())).data)

    @extend_schema(
        parameters=[OpenApiParameter("duration", OpenApiTypes.INT, description="minutes; 60")], responses=SlotsShown
    )
    @action(detail=True, methods=["get"], filter_backends=())
    def slots(self: Any, request: Request, number: str) -> Response:
        """The first three stretches within 90 days that it would fit in, and what blocks each earlier start."""
        asked = SlotsAsked(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        found = slots_of(self.get_object(), asked.validated_data["duration"], timezone.now())
        return Response(SlotsShown(found).data)


class CalendarTimeShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="window_id", help_text="of the window: /api/v1/calendar-windows/{id}/")
    kind = serializers.CharField(source="window_type")
    name = serializers.CharField()
    demanded = serializers.BooleanField()
    starts_at = fields.Instant()
    ends_at = fields.Instant()


class PlannedChangeShown(serializers.ModelSerializer[Change]):
    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    service = serializers.CharField(source="service.slug")
    starts_at = fields.Instant(source="window_start", allow_null=True)
    ends_at = fields.Instant(source="window_end", allow_null=True)

    class Meta:
        model = Change
        fields = ("number", "summary", "service", "environment", "state", "starts_at", "ends_at")


class PlannedMeetingShown(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="of the board")
    url = fields.OurAddress()
    starts_at = fields.Instant()
    ends_at = fields.Instant()


class CalendarOfPeriodShown(serializers.Serializer[Any]):
    windows = CalendarTimeShown(many=True)
    changes = PlannedChangeShown(many=True)
    meetings = PlannedMeetingShown(many=True, help_text="of boards, for people who work here")
    truncated = serializers.BooleanField(help_text="there is more than one answer holds: ask for a shorter time")


def _asked(name: str, said: str, kind: Any = OpenApiTypes.DATETIME) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=said)


class CalendarOfPeriodViewSet(Rows):
    """What stands in the calendar: closures, maintenance, and changes that say when."""

    policy: ClassVar = {"retrieve": Entry(permissions.anyone)}
    serializer_class = CalendarOfPeriodShown
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="calendar",
        parameters=[
            _asked("from", "now"), _asked("to", "31 days later; at most 92"),
            _asked("service", "a slug", OpenApiTypes.STR),
        ],
        responses=CalendarOfPeriodShown,
    )  # fmt: skip
    def retrieve(self, request: Request) -> Response:
        """[from, to), of everything or of one service."""
        asked = request.query_params.dict()
        refuse_unknown(request.query_params, ("from", "to", "service"), whole=True)
        begins = _instant(asked, "from") or timezone.now()
        ends = _instant(asked, "to") or begins + _MONTH
        if not begins < ends <= begins + _LONGEST:
            raise InvalidInput.about("to", _("It ends after it begins, and at most 92 days later."))
        service = None
        if "service" in asked:
            service = visible_services(self.actor).filter(slug=asked["service"][:80].replace("\0", "")).first()
            if service is None:
                raise NotFound(_("There is no such service, or you may not see it."))
        return Response(CalendarOfPeriodShown(calendar_of(self.actor, begins, ends, service)).data)


def _instant(asked: dict[str, str], name: str) -> datetime | None:
    if name not in asked:
        return None
    try:
        found: datetime = fields.Instant().run_validation(asked[name])
    except serializers.ValidationError as refused:
        raise serializers.ValidationError({name: refused.detail}) from refused
    if not is_within(found):
        raise InvalidInput.about(name, _("Ask for a time between the years 2000 and 2199."))
    return found


class WindowHitsShown(serializers.Serializer[Any]):
    changes = PlannedChangeShown(many=True, help_text="that run, may start, or wait with a time while it closes")


class CalendarPreviewViewSet(Rows):
    """Whom a window would hit, before it is entered."""

    policy: ClassVar = {"preview": Entry(calendar_keepers, scopes.CHANGES_WRITE)}
    serializer_class = WindowHitsShown
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Change]:
        return Change.objects.none()

    @extend_schema(operation_id="calendar_window_preview", request=NewCalendarWindow, responses={200: WindowHitsShown})
    def preview(self, request: Request) -> Response:
        """Nothing is written. The body is that of a new window."""
        words = self.validated(NewCalendarWindow)
        words |= words.pop("scope", {})
        said = {name: value for name, value in words.items() if name not in ("kind", "name", "reason", "demanded")}
        hit = whom_it_hits(actor=self.actor, at=timezone.now(), window_type=words["kind"], **said)
        return Response(WindowHitsShown({"changes": hit}).data)
