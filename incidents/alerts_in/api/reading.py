"""What came in: alerts, bodies, where they come from and whose they are."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts_in import permissions
from incidents.alerts_in.models import AlertIntake, AlertOccurrence
from incidents.alerts_in.operations import parking
from incidents.alerts_in.operations.bodies import body_of
from incidents.alerts_in.queries import stream
from incidents.alerts_in.vocabulary import IntakeStatus, OccurrenceStatus
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown
from itsm.api.viewsets import Readable

_DECIDES = Entry(permissions.keepers, scopes.INCIDENTS_WRITE)


class AlertShown(Shown):
    """One firing. `incident`: as far as the reader may see it."""

    source = serializers.CharField(source="source.slug", read_only=True)  # type: ignore[assignment]
    service = serializers.CharField(source="service.slug", default=None, allow_null=True, read_only=True)
    incident = serializers.SerializerMethodField()
    quiet = serializers.IntegerField(source="quiet_id", allow_null=True, read_only=True)
    labels = serializers.DictField(child=serializers.CharField(), read_only=True)
    annotations = serializers.DictField(child=serializers.CharField(), read_only=True)
    status = fields.Choice(choices=OccurrenceStatus.choices, read_only=True)

    class Meta:
        model = AlertOccurrence
        fields = (
            "id", "source", "fingerprint", "title", "status", "severity", "started_at", "ended_at", "seen_at", "times",
            "service", "environment", "routed_by", "priority", "labels", "annotations", "links", "clock_doubt",
            "acknowledged_by", "incident", "quiet",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_incident(self, alert: AlertOccurrence) -> str | None:
        seen = self.context.get("incidents")
        if seen is None:
            seen = stream.incidents_seen(self.context["view"].actor, [alert])
        found = seen.get(alert.incident_id or 0)
        return found.reference if found is not None else None


class AlertFilter(Listed):
    status = django_filters.ChoiceFilter(choices=OccurrenceStatus.choices)
    source = django_filters.CharFilter(field_name="source__slug", max_length=63)
    service = django_filters.CharFilter(field_name="service__slug", max_length=63)

    class Meta:
        model = AlertOccurrence
        fields = ("status", "source", "service")


class AlertViewSet(Readable):
    """What fires, and fired: one row for each time that something did."""

    policy: ClassVar = {"list": Entry(permissions.readers), "retrieve": Entry(permissions.readers)}
    serializer_class = AlertShown
    filterset_class = AlertFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[AlertOccurrence]:
        return stream.alerts(self.actor)

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        page = list(self.paginate_queryset(self.filter_queryset(self.get_queryset())) or [])
        context = {**self.get_serializer_context(), "incidents": stream.incidents_seen(self.actor, page)}
        return self.get_paginated_response(AlertShown(page, many=True, context=context).data)


class AlertIntakeShown(Shown):
    source = serializers.CharField(source="source.slug", read_only=True)  # type: ignore[assignment]
    status = fields.Choice(choices=IntakeStatus.choices, read_only=True)

    class Meta:
        model = AlertIntake
        fields = (
            "id",
            "source",
            "status",
            "reason",
            "alerts",
            "size",
            "sha256",
            "received_at",
            "applied_at",
            "version",
        )


class AlertBodyShown(serializers.Serializer[Any]):
    """A body as it came, of which nothing is interpreted."""

    text = serializers.CharField()


class IntakeFilter(Listed):
    status = django_filters.ChoiceFilter(choices=IntakeStatus.choices)
    source = django_filters.CharFilter(field_name="source__slug", max_length=63)

    class Meta:
        model = AlertIntake
        fields = ("status", "source")


class IntakeViewSet(Readable):
    """Bodies as they came, for who keeps sources of alerts."""

    policy: ClassVar = {
        "list": Entry(permissions.keepers),
        "retrieve": Entry(permissions.keepers),
        "body": Entry(permissions.keepers),
        "retry": _DECIDES,
        "discard": _DECIDES,
    }
    serializer_class = AlertIntakeShown
    filterset_class = IntakeFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[AlertIntake]:
        return stream.intakes(self.actor)

    @extend_schema(responses=AlertBodyShown)
    @action(detail=True)
    def body(self, request: Request, pk: str) -> Response:
        """What was sent, as text."""
        return Response({"text": body_of(self.get_object()).decode("utf-8", "replace").replace("\x00", "")})

    @extend_schema(request=Nothing, responses=AlertIntakeShown)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Read a parked one once more."""
        self.validated(Nothing)
        return self.respond(parking.retry(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses=AlertIntakeShown)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Nothing follows from a parked one."""
        self.validated(Nothing)
        return self.respond(parking.discard(self.get_object(), actor=self.actor))
