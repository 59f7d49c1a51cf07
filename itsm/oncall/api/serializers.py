"""Bodies and answers of on-call."""

import re
from datetime import time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Shown, Strict
from itsm.oncall.api.showing import layers_of
from itsm.oncall.models import OnCallFeed, Override, Schedule, Swap, TimeOff
from itsm.oncall.permissions import keepers_of_absence
from itsm.oncall.vocabulary import MAX_IN_SLOT, MAX_LAYERS, MAX_LENGTH, MAX_SLOTS, MAX_STRETCHES, Count, Source, Unit

CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


@extend_schema_field({"type": "string", "pattern": f"^{CLOCK}$"})
class ClockTime(serializers.Field[time, Any, str, Any]):
    """A local time to the minute, such as 09:00."""

    default_error_messages = {"invalid": _("Send a local time such as 09:00.")}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not re.fullmatch(CLOCK, data, re.ASCII):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"


class HoursSent(Strict):
    """A part of each week, from a day (0 is Monday) and local time to another; over midnight is its first day's."""

    from_day = fields.Whole(min_value=0, max_value=6)
    from_time = ClockTime()
    to_day = fields.Whole(min_value=0, max_value=6)
    to_time = ClockTime()


class LayerSent(Strict):
    """Turn k begins `length` units times k after `handoff` of `anchor_date`, local time of `zone` ("": the schedule's).

    `slots`: who takes turns; an empty one is nobody's. `hours`: when it covers anything; none: always. `id`: of a layer
    that there is, which goes on; without it a new one begins.
    """

    id = fields.Whole(min_value=1, max_value=2**53, required=False)
    name = fields.Text(max_length=80, allow_blank=True, default="")
    zone = fields.Text(max_length=64, allow_blank=True, default="")
    unit = fields.Choice(choices=Unit.choices)
    length = fields.Whole(min_value=1, max_value=MAX_LENGTH)
    anchor_date = serializers.DateField()
    handoff = ClockTime()
    count = fields.Choice(choices=Count.choices, default=Count.CALENDAR)
    slots = serializers.ListField(
        child=serializers.ListField(child=PersonField(), max_length=MAX_IN_SLOT), min_length=1, max_length=MAX_SLOTS
    )
    hours = serializers.ListField(child=HoursSent(), max_length=MAX_STRETCHES, default=list)


def _layers(**options: Any) -> Any:
    return serializers.ListField(child=LayerSent(), max_length=MAX_LAYERS, **options)


class NewSchedule(Strict):
    """`layers`: the first lies on top."""

    name = fields.Text(max_length=100)
    slug = fields.Text(max_length=63, required=False)
    team = TeamField()
    zone = fields.Text(max_length=64)
    layers = _layers(default=list)


class ScheduleEditing(Strict):
    """`layers`: all of them, the first on top; one that is not named ends. `effective_from`: when they hold; now."""

    name = fields.Text(max_length=100, required=False)
    team = TeamField(required=False)
    zone = fields.Text(max_length=64, required=False)
    layers = _layers(required=False)
    effective_from = fields.Instant(required=False)


class SchedulePreview(Strict):
    """What these layers would come to, with the overrides, swaps and time off that there are."""

    layers = _layers(min_length=1)
    begin = fields.Instant(required=False, help_text="now")
    end = fields.Instant(required=False, help_text="14 days later")


class FinalAsked(Strict):
    begin = fields.Instant(required=False)
    end = fields.Instant(required=False)


class ShiftShown(serializers.Serializer[Any]):
    """`people`: none is a gap (by `gap`), or on purpose (by `override`). `layer`, `turn`: what a swap names."""

    start = fields.Instant()
    end = fields.Instant()
    people = serializers.ListField(child=serializers.CharField())
    by = fields.Choice(choices=Source.choices)
    layer = serializers.IntegerField(allow_null=True)
    turn = serializers.IntegerField(allow_null=True)


class FinalShown(serializers.Serializer[Any]):
    shifts = ShiftShown(many=True)
    gaps = ShiftShown(many=True)


class HoursShown(serializers.Serializer[Any]):
    from_day = serializers.IntegerField()
    from_time = serializers.CharField()
    to_day = serializers.IntegerField()
    to_time = serializers.CharField()


class LayerShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    zone = serializers.CharField()
    unit = fields.Choice(choices=Unit.choices)
    length = serializers.IntegerField()
    anchor_date = serializers.DateField()
    handoff = serializers.CharField()
    count = fields.Choice(choices=Count.choices)
    slots = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    hours = HoursShown(many=True)


class ScheduleShown(Shown):
    """`live_at`: nobody is paged before. `layers`: as they hold now."""

    team = TeamField(read_only=True)
    layers = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Schedule
        fields = ("slug", "name", "team", "zone", "live_at", "retired_at", "layers", "created_at", "version", "url")

    @extend_schema_field(LayerShown(many=True))
    def get_layers(self, schedule: Schedule) -> Any:
        return LayerShown(layers_of(schedule, timezone.now()), many=True).data


class ScheduleNamed(fields.Named):
    """A schedule by its slug."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="slug", queryset=Schedule.objects.filter(retired_at=None), **options)


class NewScheduleOverride(Strict):
    """`people` have it, or `nobody`, with a `reason`. `although_away`: who has time off then has agreed."""

    schedule = ScheduleNamed()
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    people = serializers.ListField(child=PersonField(), max_length=MAX_IN_SLOT, default=list)
    nobody = fields.YesNo(default=False)
    reason = fields.Text(max_length=200, allow_blank=True, default="")
    although_away = fields.YesNo(default=False)


class ScheduleOverrideShown(Shown):
    schedule = serializers.CharField(source="schedule.slug")
    people = serializers.SerializerMethodField()
    created_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Override
        fields = (
            "id", "schedule", "starts_at", "ends_at", "people", "nobody", "reason", "withdrawn_at", "created_by",
            "created_at", "version",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_people(self, made: Override) -> list[str]:
        return [one.person.username for one in made.people.all()]


class NewSwap(Strict):
    """Somebody shall take a turn of `out` (the caller), or a part of it; `into`: who takes it at once."""

    schedule = ScheduleNamed()
    layer = fields.Whole(min_value=1, max_value=2**53)
    turn = fields.Whole(min_value=0, max_value=2**31 - 1)
    out = PersonField(required=False)
    into = PersonField(required=False)
    starts_at = fields.Instant(required=False)
    ends_at = fields.Instant(required=False)
    note = fields.Text(max_length=200, allow_blank=True, default="")


class SwapShown(Shown):
    schedule = serializers.CharField(source="schedule.slug")
    layer = serializers.IntegerField(source="layer_id")
    turn = serializers.IntegerField()
    out_person = PersonField(read_only=True)
    in_person = PersonField(read_only=True, allow_null=True)
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Swap
        fields = (
            "reference", "schedule", "layer", "turn", "out_person", "in_person", "starts_at", "ends_at", "status",
            "note", "because", "created_at", "version", "url",
        )  # fmt: skip


class NewTimeOff(Strict):
    """`person`: the caller."""

    person = PersonField(required=False)
    starts_at = fields.Instant()
    ends_at = fields.Instant()
    note = fields.Text(max_length=200, allow_blank=True, default="")


class TimeOffShown(Shown):
    """`note`: "" for whom it is not meant."""

    person = PersonField(read_only=True)
    note = serializers.SerializerMethodField()

    class Meta:
        model = TimeOff
        fields = ("id", "person", "starts_at", "ends_at", "note", "cancelled_at", "created_at", "version")

    def get_note(self, off: TimeOff) -> str:
        return off.note if keepers_of_absence(self.context["view"].actor, off) else ""


class NewOnCallFeed(Strict):
    """Of a schedule, or of the caller's own shifts."""

    schedule = ScheduleNamed(required=False)


class OnCallFeedShown(Shown):
    schedule = serializers.CharField(source="schedule.slug", default=None, read_only=True, allow_null=True)
    address = serializers.SerializerMethodField(help_text="where it is read: shown once, as it is made; empty later")

    class Meta:
        model = OnCallFeed
        fields = ("id", "schedule", "address", "created_at", "revoked_at", "version")

    def get_address(self, feed: OnCallFeed) -> str:
        return getattr(self.context["view"], "address", "")


class OnCallAsked(Strict):
    service = fields.Text(max_length=63, required=False)
    schedule = fields.Text(max_length=63, required=False)
    at = fields.Instant(required=False)


class OnDutyShown(serializers.Serializer[Any]):
    """`people`: user names; none is a gap. `until`: null where nothing ends it in a year. `live`: whether it pages."""

    schedule = serializers.CharField()
    name = serializers.CharField()
    team = serializers.CharField()
    people = serializers.ListField(child=serializers.CharField())
    until = fields.Instant(allow_null=True)
    is_gap = serializers.BooleanField()
    why = serializers.CharField()
    live = serializers.BooleanField()


class OnCallShown(serializers.Serializer[Any]):
    at = fields.Instant()
    on_call = OnDutyShown(many=True)
