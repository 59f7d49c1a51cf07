"""The preview of a change's quiet over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.change.models import Change
from changes.change.queries import listing
from changes.quieting import permissions, queries
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows


class HiddenAlertShown(serializers.Serializer[Any]):
    """An alert that it would have kept quiet; `had_incident`: it was in one."""

    alert = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    service = serializers.CharField(source="service.slug", allow_null=True, default=None)
    started_at = fields.Instant()
    ended_at = fields.Instant(allow_null=True)
    had_incident = serializers.SerializerMethodField()

    def get_had_incident(self, alert: Any) -> bool:
        return alert.incident_id in self.context["seen"]


class QuietPreviewShown(serializers.Serializer[Any]):
    """Of the last seven days. `count`: all of them, of which the newest 500 are listed."""

    environment = serializers.CharField(source="hush.environment")
    since = fields.Instant()
    count = serializers.IntegerField()
    of_incidents = serializers.IntegerField()
    alerts = HiddenAlertShown(many=True)


class QuietPreviewViewSet(Rows):
    """What the quiet of a change would have hidden."""

    policy: ClassVar = {"retrieve": Entry(permissions.colleagues)}
    serializer_class = QuietPreviewShown

    def visible_rows(self) -> QuerySet[Change]:
        return listing.listed(self.actor)

    def get_object(self) -> Change:
        return listing.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(operation_id="changes_quiet_preview", responses=QuietPreviewShown)
    def retrieve(self, request: Request, number: str) -> Response:
        """Alerts of exactly its services in its environment."""
        refuse_unknown(request.query_params, ())
        found = queries.preview(self.actor, self.get_object(), at=timezone.now())
        return Response(QuietPreviewShown(found, context={"seen": found.seen}).data)
