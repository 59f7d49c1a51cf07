"""Shapes of incidents in REST."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from incidents.incident import permissions, queries
from incidents.incident.models import NEVER, Category, Incident
from incidents.incident.vocabulary import Channel, Level, Priority
from itsm.api import fields
from itsm.api.people import PersonField, QueueField
from itsm.api.serializers import Shown, Strict
from itsm.fields.attributes import AttributesField, shown_attributes
from itsm.work.api.labels import LabelsField
from itsm.work.models import Note

_LEVEL: dict[str, Any] = {"min_value": min(Level.values), "max_value": max(Level.values)}
_PRIORITY: dict[str, Any] = {"min_value": min(Priority.values), "max_value": max(Priority.values)}


class CategoryField(fields.Named):
    """A category by its path, such as Hardware / Printer; retired ones take nothing new."""

    def __init__(self, **options: Any) -> None:
        if not options.get("read_only"):
            options["queryset"] = Category.objects.filter(retired_at=None)
        super().__init__(slug_field="path", **options)


class IncidentEditing(Strict):
    """`priority` null leaves it to the matrix. `team`: the queue it moves to. `labels`: all of them, instead of those
    that stand; `add_labels` and `remove_labels`: some, beside those."""

    title = fields.Text(max_length=160, required=False)
    description = fields.Text(max_length=20_000, allow_blank=True, required=False)
    service = ServiceField(required=False, allow_null=True)
    team = QueueField(required=False)
    category = CategoryField(required=False, allow_null=True)
    channel = fields.Choice(choices=Channel.choices, required=False)
    caller = PersonField(required=False)
    impact = fields.Whole(**_LEVEL, required=False)
    urgency = fields.Whole(**_LEVEL, required=False)
    priority = fields.Whole(**_PRIORITY, required=False, allow_null=True)
    priority_why = fields.Text(max_length=500, allow_blank=True, required=False)
    major = fields.YesNo(required=False)
    assigned_to = PersonField(required=False, allow_null=True)
    attributes = AttributesField(required=False)
    labels = LabelsField(required=False)
    add_labels = LabelsField(required=False)
    remove_labels = LabelsField(required=False)


class NewIncident(Strict):
    """Without `priority` the matrix says it, by impact and urgency (1 high to 3 low); impact begins with the service's
    tier. Requesters choose urgency; what else they send of queue, caller and priority is not taken. `template`: the
    slug of one that fills in what is not sent and brings its tasks; without it, the category's own."""

    template = fields.Text(max_length=63, required=False)
    title = fields.Text(max_length=160, required=False, help_text="needed where the template says none")
    description = fields.Text(max_length=20_000, allow_blank=True, default="")
    service = ServiceField(default=None, allow_null=True)
    team = QueueField(required=False)
    category = CategoryField(required=False, allow_null=True)
    channel = fields.Choice(choices=Channel.choices, required=False)
    caller = PersonField(required=False)
    impact = fields.Whole(**_LEVEL, required=False)
    urgency = fields.Whole(**_LEVEL, required=False)
    priority = fields.Whole(**_PRIORITY, required=False, allow_null=True)
    priority_why = fields.Text(max_length=500, allow_blank=True, required=False)
    major = fields.YesNo(required=False)
    attributes = AttributesField(required=False)
    labels = LabelsField(required=False)


class Saying(Strict):
    """`private`: for the desk alone. Else the caller reads it; what a caller says is always public. `seen`: the id of
    the newest note that was read (0: none); a public word is refused where somebody else spoke after it."""

    text = fields.Text(max_length=20_000)
    private = fields.YesNo(default=True)
    seen = fields.Whole(min_value=0, max_value=2**53, required=False)


class ParentNamed(Strict):
    """`parent`: the reference of an open incident without a parent."""

    parent = fields.Text(max_length=20)  # type: ignore[assignment]


class NoteShown(Shown):
    """What somebody wrote on a record."""

    by = PersonField(read_only=True)
    at = fields.Instant()

    class Meta:
        model = Note
        fields = ("id", "text", "private", "by", "at")


class IncidentShown(Shown):
    """An incident. `due_at`: when the earliest of its clocks runs out; null where nothing is due."""

    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    service = ServiceField(read_only=True)
    team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    category = CategoryField(read_only=True, allow_null=True)
    caller = PersonField(read_only=True, allow_null=True)
    opened_by = PersonField(read_only=True, allow_null=True)
    assigned_to = PersonField(read_only=True, allow_null=True)
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    merged_into = serializers.SerializerMethodField()
    confirmed = serializers.BooleanField()
    attributes = serializers.SerializerMethodField()
    labels = serializers.ListField(child=serializers.CharField())
    due_at = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Incident
        fields = (
            "number", "title", "description", "service", "team", "category", "channel", "impact", "urgency", "priority",
            "priority_by", "priority_why", "major", "confirmed", "state", "hold_reason", "hold_until", "caller",
            "opened_by", "assigned_to", "parent", "merged_into", "reason", "resolution", "resolution_code",
            "cancel_code", "data_loss", "opened_at", "acknowledged_at", "first_response_at", "resolved_at",
            "closed_at", "due_at", "reopened", "reassigned", "escalated_functionally", "escalated_hierarchically",
            "attributes", "labels", "available", "version", "url",
        )  # fmt: skip

    def get_available(self, incident: Incident) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in incident.workflow.open_to(self.context["view"].actor, incident)]

    def get_parent(self, incident: Incident) -> str | None:
        return self._named(incident.parent)

    def get_merged_into(self, incident: Incident) -> str | None:
        return self._named(incident.merged_into)

    def _named(self, other: Incident | None) -> str | None:
        """Another incident, where the reader may see it."""
        return other.reference if other is not None and queries.may_see(self.context["view"].actor, other) else None

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_attributes(self, incident: Incident) -> dict[str, Any]:
        """The typed fields that the reader may see, by key."""
        works_here = permissions.readers(self.context["view"].actor, incident)
        return shown_attributes(self, Incident.kind, incident, works_here=works_here)

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_due_at(self, incident: Incident) -> datetime | None:
        return None if incident.next_due == NEVER else incident.next_due


def notes_for(actor: Any, incident: Incident) -> Any:
    """The notes that the actor may read."""
    return queries.notes_on(incident, with_private=permissions.readers(actor, incident))
