"""Shapes of major incidents in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from incidents.major.models import CandidateRule, Major, PinnedMoment, Stakeholder
from incidents.major.vocabulary import LONGEST_CADENCE, SHORTEST_CADENCE, Severity, Source
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict


class NewMajor(Strict):
    """`incident`: the reference of an open one. Whether it is a major incident is decided by `accept` or `reject`."""

    incident = fields.Text(max_length=20)
    reason = fields.Text(max_length=500)


class MajorEditing(Strict):
    """`cadence`: minutes between two updates. `bridge`: where those who work on it meet, an address or a number."""

    severity = fields.Choice(choices=Severity.choices, required=False)
    impact = fields.Text(max_length=2000, allow_blank=True, required=False)
    commander = PersonField(required=False)
    communications = PersonField(required=False, allow_null=True)
    scribe = PersonField(required=False, allow_null=True)
    bridge = fields.Text(max_length=300, allow_blank=True, required=False)
    cadence = fields.Whole(min_value=SHORTEST_CADENCE, max_value=LONGEST_CADENCE, required=False)


class BecauseShown(serializers.Serializer[Any]):
    """Why it was proposed: `rule` of the candidate rules, or "person"; `count`: how many it had counted."""

    rule = serializers.CharField()
    why = serializers.CharField()
    count = serializers.IntegerField()
    at = serializers.CharField()


class MajorShown(Shown):
    """A major incident, under the number of its incident. `severity`: the harm, 1 (everybody) to 4 (nobody yet).
    `update_overdue`: those who wait should have heard something by `next_update_at`."""

    number = serializers.CharField(source="reference")
    title = serializers.CharField(source="incident.title")
    service = ServiceField(source="incident.service", read_only=True, allow_null=True)
    priority = serializers.IntegerField(source="incident.priority")
    holds_changes = serializers.BooleanField(source="incident.holds_changes")
    state = serializers.CharField(source="status")
    commander = PersonField(read_only=True, allow_null=True)
    communications = PersonField(read_only=True, allow_null=True)
    scribe = PersonField(read_only=True, allow_null=True)
    proposed_by = PersonField(read_only=True, allow_null=True)
    decided_by = PersonField(read_only=True, allow_null=True)
    because = serializers.SerializerMethodField()
    update_overdue = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Major
        fields: tuple[str, ...] = (
            "number", "title", "service", "priority", "severity", "impact", "state", "holds_changes", "commander",
            "communications", "scribe", "bridge", "started_at", "detected_at", "acknowledged_at", "mitigated_at",
            "resolved_at", "cadence", "told_at", "next_update_at", "update_overdue", "because", "reason",
            "notice_fate", "proposed_by", "proposed_at", "decided_by", "accepted_at", "available", "version", "url",
        )  # fmt: skip

    @extend_schema_field(BecauseShown(many=True))
    def get_because(self, major: Major) -> list[dict[str, Any]]:
        """What proposed it, oldest first."""
        found: list[dict[str, Any]] = major.because
        return found

    def get_update_overdue(self, major: Major) -> bool:
        """Whether an update is overdue now."""
        return major.is_overdue(self.context["view"].now)

    def get_available(self, major: Major) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in major.workflow.open_to(self.context["view"].actor, major)]


class TimelineLineShown(serializers.Serializer[Any]):
    """A line of the timeline: `key` names it, also for `moments`; `pinned`: the moment that pins it, or 0."""

    key = serializers.CharField()
    at = fields.Instant()
    text = serializers.CharField()
    by = serializers.CharField()
    url = serializers.CharField()
    pinned = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        """`source` is the name of a field's own attribute, so it is put in here."""
        return {**super().get_fields(), "source": fields.Choice(choices=Source.choices)}


class MajorTimelineShown(serializers.Serializer[Any]):
    """Newest first. Send `after` again to be told what is new: the last two minutes are told once more, and a line's
    `key` says whether you have it."""

    lines = TimelineLineShown(many=True)
    after = serializers.CharField()


class NewStakeholder(Strict):
    """`why`: what they have to do with it, in a few words."""

    person = PersonField()
    why = fields.Text(max_length=120, allow_blank=True, default="")


class StakeholderShown(Shown):
    """Somebody who hears of every update."""

    person = PersonField(read_only=True)
    added_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Stakeholder
        fields: tuple[str, ...] = ("id", "person", "why", "added_by", "added_at")


class NewMoment(Strict):
    """Either `key`, that of a line to pin, or `text` for what happened `at` (now)."""

    key = fields.Text(max_length=60, allow_blank=True, default="")
    text = fields.Text(max_length=1000, allow_blank=True, default="")
    at = fields.Instant(required=False)


class MomentShown(Shown):
    """A moment worth finding again; `key`: the line that it pins, empty for what a person noted."""

    by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = PinnedMoment
        fields: tuple[str, ...] = ("id", "at", "text", "key", "by", "noted_at")


class RoomSaying(Strict):
    """A note, or a command: /update, /task, /pin, /stakeholder, /commander, /communications, /scribe, /bridge."""

    text = fields.Text(max_length=4000)


class RoomSaidShown(serializers.Serializer[Any]):
    """Which verb it was."""

    verb = serializers.CharField()


class SuspectShown(serializers.Serializer[Any]):
    """A change that began near the beginning of the harm; `on`: which service."""

    reference = serializers.CharField()
    title = serializers.CharField()
    at = fields.Instant()
    on = serializers.CharField()
    url = serializers.CharField()


class CandidateRuleEditing(Strict):
    """`least`: from how many on it proposes; `minutes`: within how long, 0 for at any time."""

    is_on = fields.YesNo(required=False)
    least = fields.Whole(min_value=1, max_value=1000, required=False)
    minutes = fields.Whole(min_value=0, max_value=1440, required=False)


class CandidateRuleShown(Shown):
    """What proposes a major incident by itself."""

    class Meta:
        model = CandidateRule
        fields: tuple[str, ...] = ("rule", "is_on", "least", "minutes", "version")
