"""Shapes of incidents in REST."""

from rest_framework import serializers

from catalog.services.api.fields import ServiceField
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict


class IncidentEditing(Strict):
    title = fields.Text(max_length=160, required=False)
    description = fields.Text(max_length=20_000, allow_blank=True, required=False)
    service = ServiceField(required=False, allow_null=True)
    priority = fields.Whole(min_value=min(Priority.values), max_value=max(Priority.values), required=False)
    major = fields.YesNo(required=False)
    assigned_to = PersonField(required=False, allow_null=True)


class NewIncident(Strict):
    title = fields.Text(max_length=160)
    description = fields.Text(max_length=20_000, allow_blank=True, default="")
    service = ServiceField(default=None, allow_null=True)
    priority = fields.Whole(
        min_value=min(Priority.values), max_value=max(Priority.values), default=Priority.MODERATE.value
    )
    major = fields.YesNo(default=False)


class IncidentShown(Shown):
    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    service = ServiceField(read_only=True)
    reported_by = PersonField(read_only=True)
    assigned_to = PersonField(read_only=True)
    confirmed = serializers.BooleanField()
    available = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Incident
        fields = (
            "number", "title", "description", "service", "priority", "major", "confirmed", "state", "reported_by",
            "assigned_to", "reason", "resolution", "opened_at", "resolved_at", "available", "version", "url",
        )  # fmt: skip

    def get_available(self, incident: Incident) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in incident.workflow.open_to(self.context["view"].actor, incident)]
