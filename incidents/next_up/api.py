"""What to take up next, over REST."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident.models import Incident
from incidents.incident.permissions import staff
from incidents.next_up import queries
from incidents.next_up.vocabulary import Band
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class TurnShown(serializers.Serializer[Any]):
    """One incident; `band` 1 is the most urgent, `because` says it in words."""

    number = serializers.CharField(source="incident.reference")
    title = serializers.CharField(source="incident.title")
    band = serializers.IntegerField(min_value=1, max_value=len(Band))
    because = serializers.CharField(source="band.label")
    priority = serializers.IntegerField(source="incident.priority", min_value=1, max_value=5)
    status = serializers.CharField(source="incident.status")
    team = serializers.CharField(source="incident.team.slug")
    assigned_to = serializers.SerializerMethodField(help_text="null: nobody has taken it")
    due_at = fields.Instant(source="incident.due_at", allow_null=True)

    def get_assigned_to(self, turn: queries.Turn) -> str | None:
        person = turn.incident.assigned_to
        return person.username if person is not None else None


class NextShown(serializers.Serializer[Any]):
    """At most 200, in the order in which they should be taken up."""

    results = TurnShown(many=True)


class NextUpViewSet(Rows):
    """One's own open incidents, and those of one's queues that nobody has taken."""

    policy: ClassVar = {"retrieve": Entry(staff)}
    serializer_class = NextShown
    pagination_class = None

    def visible_rows(self) -> Any:
        return Incident.objects.visible_to(self.actor)

    @extend_schema(responses=NextShown, operation_id="incidents_next")
    def retrieve(self, request: Request) -> Response:
        """A day ends at midnight of the reader's zone."""
        refuse_unknown(request.query_params, (), whole=True)
        found = queries.turns(self.actor, timezone.now(), timezone.get_current_timezone())
        return Response(NextShown({"results": found}).data)
