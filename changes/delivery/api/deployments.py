"""Deployments as they were told, over REST; and what a pipeline tells afterwards."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.environments.filters import EnvironmentFilter
from catalog.services.api.fields import ServiceField
from changes.delivery import permissions
from changes.delivery.models import DeploymentEvent
from changes.delivery.operations import reporting
from changes.delivery.queries.deployments import deployments
from changes.delivery.vocabulary import MatchedBy, Result, Rework, Standing, ToldBy
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.viewsets import Readable


class DeploymentEventShown(Shown):
    """One deployment, whoever told of it. `change`: the change it belongs to, or became."""

    service = serializers.CharField(source="service.slug", read_only=True)
    change = serializers.CharField(source="change.reference", default=None, allow_null=True, read_only=True)
    person = PersonField(read_only=True, allow_null=True)
    told_by = fields.Choice(choices=ToldBy.choices, read_only=True)
    result = fields.Choice(choices=Result.choices, read_only=True)
    standing = fields.Choice(choices=Standing.choices, read_only=True)
    matched_by = fields.Choice(choices=MatchedBy.choices, allow_blank=True, read_only=True)
    rework = fields.Choice(choices=Rework.choices, allow_blank=True, read_only=True)

    class Meta:
        model = DeploymentEvent
        fields = (
            "id", "service", "environment", "version", "artifact_digest", "commit", "repository", "run_id", "url",
            "result", "started_at", "finished_at", "told_at", "told_by", "external_id", "who", "person", "rework",
            "change", "standing", "matched_by",
        )  # fmt: skip


class ReportedDeployment(Strict):
    """What a pipeline says that it did. The same run, told again, is the same deployment."""

    service = ServiceField()
    environment = EnvironmentNameField()
    blind = fields.YesNo(default=False, help_text="it went out while Headroom could not be asked")
    result = fields.Choice(choices=Result.choices, default=Result.SUCCEEDED)
    version = fields.Text(max_length=100, default="", allow_blank=True)
    artifact_digest = fields.Text(max_length=200, default="", allow_blank=True)
    commit = fields.Text(max_length=64, default="", allow_blank=True)
    repository = fields.Text(max_length=200, default="", allow_blank=True)
    run_id = fields.Text(max_length=200, default="", allow_blank=True)
    url = fields.Link(default="", allow_blank=True)
    started_at = fields.Instant(required=False, allow_null=True)
    finished_at = fields.Instant(required=False, allow_null=True)


class DeploymentFilter(Listed):
    service = django_filters.CharFilter(field_name="service__slug", max_length=63)
    environment = EnvironmentFilter()
    standing = django_filters.ChoiceFilter(choices=Standing.choices)
    result = django_filters.ChoiceFilter(choices=Result.choices)
    told_by = django_filters.ChoiceFilter(choices=ToldBy.choices)
    version = django_filters.CharFilter(max_length=100)
    artifact_digest = django_filters.CharFilter(max_length=200)
    commit = django_filters.CharFilter(max_length=64)

    class Meta:
        model = DeploymentEvent
        fields = ("service", "environment", "standing", "result", "told_by", "version", "artifact_digest", "commit")


class DeploymentViewSet(Readable):
    """What went out, each once: by the gate, by what platforms told, and by what pipelines reported."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "create": Entry(permissions.tellers, (scopes.GATE_ASK, scopes.CHANGES_WRITE)),
    }
    serializer_class = DeploymentEventShown
    filterset_class = DeploymentFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[DeploymentEvent]:
        return deployments(self.actor, each_telling=self.action != "list")

    @extend_schema(request=ReportedDeployment, responses={201: DeploymentEventShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Tell of a deployment afterwards. It is held against its authorisation as any other; what went out blind is
        listed apart, unless the gate had answered its run."""
        words: dict[str, Any] = self.validated(ReportedDeployment)
        told = reporting.report(actor=self.actor, at=timezone.now(), **words)
        return self.respond(told, 201, {"Location": f"/api/v1/deployments/{told.pk}/"})
