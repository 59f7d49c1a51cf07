"""Calendars over REST: who works here reads them, administrators keep them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.middleware import takes_files
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.calendars import operations, permissions, queries
from itsm.calendars.adapters import MAX_TEXT
from itsm.clocks import hours_format
from itsm.clocks.models import Calendar
from itsm.kernel.errors import InvalidInput

MAX_PREVIEW = timedelta(days=400)


def _spans() -> Any:
    return serializers.ListField(child=fields.Text(max_length=20), max_length=hours_format.MAX_SPANS, required=False)


class WeekSent(Strict):
    """Spans such as "09:00-17:00" of each weekday; none: closed."""

    mon = _spans()
    tue = _spans()
    wed = _spans()
    thu = _spans()
    fri = _spans()
    sat = _spans()
    sun = _spans()


class DaySent(Strict):
    """A date that is otherwise: no span is a holiday, spans are a short day."""

    date = fields.Text(max_length=10)
    name = fields.Text(max_length=hours_format.MAX_NAME, allow_blank=True, default="")
    spans = serializers.ListField(
        child=fields.Text(max_length=20), max_length=hours_format.MAX_SPANS, default=list,
    )  # fmt: skip
    origin = fields.Text(max_length=40, default="person")


class NewCalendar(Strict):
    name = fields.Text(max_length=80)
    zone = fields.Text(max_length=64)
    week = WeekSent()
    days = serializers.ListField(child=DaySent(), max_length=hours_format.MAX_DAYS, default=list)


class CalendarEditing(Strict):
    name = fields.Text(max_length=80, required=False)
    week = WeekSent(required=False)
    days = serializers.ListField(child=DaySent(), max_length=hours_format.MAX_DAYS, required=False)
    valid_from = fields.Instant(required=False, help_text="count anew from this instant, which has passed")
    reason = fields.Text(max_length=500, allow_blank=True, default="")


class PublicHolidays(Strict):
    country = fields.Text(max_length=8, help_text="ISO 3166, such as DE")
    subdivision = fields.Text(max_length=10, allow_blank=True, default="")
    years = serializers.ListField(child=fields.Whole(min_value=2000, max_value=2100), min_length=1, max_length=10)


class Preview(Strict):
    """Hours as they would be: the calendar's own where nothing is sent."""

    week = WeekSent(required=False)
    days = serializers.ListField(child=DaySent(), max_length=hours_format.MAX_DAYS, required=False)
    holidays = PublicHolidays(required=False)
    ics = fields.Text(max_length=MAX_TEXT, required=False, trim_whitespace=False, help_text="the text of an ICS file")
    begin = fields.Instant(required=False, help_text="from when to show what is open; now")
    end = fields.Instant(required=False, help_text="until when; 31 days later")
    target_minutes = fields.Whole(min_value=1, max_value=1_000_000, required=False, help_text="what begins at `begin`")


class WeekShown(serializers.Serializer[Any]):
    mon = serializers.ListField(child=serializers.CharField())
    tue = serializers.ListField(child=serializers.CharField())
    wed = serializers.ListField(child=serializers.CharField())
    thu = serializers.ListField(child=serializers.CharField())
    fri = serializers.ListField(child=serializers.CharField())
    sat = serializers.ListField(child=serializers.CharField())
    sun = serializers.ListField(child=serializers.CharField())


class DayShown(serializers.Serializer[Any]):
    date = serializers.CharField()
    name = serializers.CharField()
    spans = serializers.ListField(child=serializers.CharField())
    origin = serializers.CharField()


class SkippedShown(serializers.Serializer[Any]):
    date = serializers.CharField()
    name = serializers.CharField()


class OpenShown(serializers.Serializer[Any]):
    begin = fields.Instant()
    end = fields.Instant()


class PreviewShown(serializers.Serializer[Any]):
    days = DayShown(many=True, help_text="all dates, as `days` of an edit takes them")
    added = DayShown(many=True)
    kept = DayShown(many=True, help_text="dates that were there already and stay as they are")
    skipped = SkippedShown(many=True, help_text="events that are no whole days")
    open = OpenShown(many=True)
    counted_seconds = serializers.IntegerField()
    due_at = fields.Instant(allow_null=True)


class CalendarShown(Shown):
    valid_from = serializers.SerializerMethodField()
    week = serializers.SerializerMethodField()
    days = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Calendar
        fields = ("id", "name", "zone", "number", "valid_from", "week", "days", "version", "url")

    @extend_schema_field(fields.Instant())
    def get_valid_from(self, calendar: Calendar) -> str:
        """Since when its newest version holds."""
        return fields.Instant().to_representation(queries.newest_version(calendar).valid_from)

    @extend_schema_field(WeekShown())
    def get_week(self, calendar: Calendar) -> Any:
        return queries.newest_version(calendar).week

    @extend_schema_field(DayShown(many=True))
    def get_days(self, calendar: Calendar) -> Any:
        return queries.newest_version(calendar).days


@takes_files
class CalendarViewSet(Readable):
    """When time counts. An edit makes the next version, which holds from now on."""

    policy: ClassVar = {
        "list": Entry(permissions.calendar_readers),
        "retrieve": Entry(permissions.calendar_readers),
        "create": Entry(permissions.calendar_keepers, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.calendar_keepers, scopes.CATALOG_WRITE),
        "preview": Entry(permissions.calendar_readers, scopes.CATALOG_WRITE),
    }
    serializer_class = CalendarShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Calendar]:
        return queries.calendars().order_by()

    @extend_schema(request=NewCalendar, responses={201: CalendarShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_calendar(actor=self.actor, at=timezone.now(), **self.validated(NewCalendar))
        return self.respond(made, 201, {"Location": f"/api/v1/calendars/{made.pk}/"})

    @extend_schema(request=CalendarEditing, responses={200: CalendarShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        edited = operations.edit_calendar(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(CalendarEditing),
        )  # fmt: skip
        return self.respond(edited)

    @extend_schema(request=Preview, responses={200: PreviewShown})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """What hours, holidays or an ICS file would mean. Nothing is written."""
        calendar, said = self.get_object(), self.validated(Preview)
        held = queries.newest_version(calendar)
        given = said.get("holidays") or {}
        begin, end = _period(said)
        read = operations.imported_days(
            said.get("days", held.days), ics=said.get("ics", ""), first=begin.date(), last=end.date(), **given
        )
        hours = hours_format.read(calendar.zone, said.get("week", held.week), read["days"])
        shown_until = min(end, begin + MAX_PREVIEW)
        due = hours.after(begin, said["target_minutes"] * 60) if "target_minutes" in said else None
        shown = {
            **read,
            "open": queries.open_spans(hours, begin, shown_until),
            "counted_seconds": hours.counted(begin, shown_until),
            "due_at": due,
        }
        return Response(PreviewShown(shown).data)


def _period(said: dict[str, Any]) -> tuple[datetime, datetime]:
    begin = said.get("begin") or timezone.now().replace(microsecond=0)
    end = said.get("end") or begin + timedelta(days=31)
    if not 1970 <= begin.year <= 2200 or not begin < end <= begin + timedelta(days=3_660):
        sentence = gettext("Show a period that ends after it begins, of at most ten years, in these centuries.")
        raise InvalidInput.about("end", sentence)
    return begin, end


def register(router: Router) -> None:
    router.register("calendars", CalendarViewSet, basename="calendar")
