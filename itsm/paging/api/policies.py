"""Escalation policies over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.oncall.queries import visible_schedules
from itsm.paging import permissions
from itsm.paging.models import EscalationPolicy, EscalationStep, StepTarget
from itsm.paging.operations import policies
from itsm.paging.queries import reading
from itsm.paging.rules import MOST_REPEATS
from itsm.paging.vocabulary import TargetKind, Which
from itsm.people.api.wishes import LocalTime
from itsm.webhooks.models import WebhookEndpoint

_READ = Entry(permissions.staff)
_MAKE = Entry(permissions.some_keep, scopes.INCIDENTS_WRITE)
_WRITE = Entry(permissions.some_keep, scopes.INCIDENTS_WRITE, over=permissions.keepers)


@extend_schema_field(OpenApiTypes.STR)
class ScheduleField(serializers.Field[Any, Any, Any, Any]):
    """A schedule's slug, among those that the caller may see."""

    def to_internal_value(self, data: Any) -> Any:
        actor = self.context["view"].actor
        found = visible_schedules(actor).filter(slug=data[:63]).first() if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError(_("There is no such schedule."))
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.slug)


@extend_schema_field(OpenApiTypes.STR)
class EndpointField(serializers.Field[Any, Any, Any, Any]):
    """The name of a webhook endpoint."""

    def to_internal_value(self, data: Any) -> WebhookEndpoint:
        found = WebhookEndpoint.objects.on().filter(name=data[:80]).first() if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError(_("There is no such webhook endpoint."))
        return found

    def to_representation(self, value: WebhookEndpoint) -> str:
        return value.name


class NewStepTarget(Strict):
    """Whom a step pages: `kind` says which of the others is read."""

    kind = fields.Choice(choices=TargetKind.choices)
    schedule = ScheduleField(required=False)
    which = fields.Choice(choices=Which.choices, required=False)
    person = PersonField(required=False)
    team = TeamField(required=False)
    endpoint = EndpointField(required=False)


class NewEscalationStep(Strict):
    """`wait`: seconds until the next step. `begin`, `end`: it pages only between these times, such as 22:00."""

    wait = fields.Whole(min_value=60, max_value=86_400)
    begin = LocalTime(required=False, allow_null=True)
    end = LocalTime(required=False, allow_null=True)
    targets = NewStepTarget(many=True)


class EscalationPolicyEditing(Strict):
    """`steps`: all of them, in their order."""

    name = fields.Text(max_length=100, required=False)
    team = TeamField(required=False)
    zone = fields.Text(max_length=64, required=False)
    repeats = fields.Whole(min_value=0, max_value=MOST_REPEATS, required=False)
    steps = NewEscalationStep(many=True, required=False)


class NewEscalationPolicy(EscalationPolicyEditing):
    name = fields.Text(max_length=100)
    team = TeamField()
    steps = NewEscalationStep(many=True)
    is_last_resort = fields.YesNo(required=False)


class StepTargetShown(Shown):
    kind = fields.Choice(choices=TargetKind.choices, source="kind_of")
    schedule = ScheduleField(read_only=True, allow_null=True)
    which = fields.Choice(choices=Which.choices)
    person = PersonField(read_only=True, allow_null=True)
    team = TeamField(read_only=True, allow_null=True)
    endpoint = EndpointField(read_only=True, allow_null=True)

    class Meta:
        model = StepTarget
        fields = ("kind", "schedule", "which", "person", "team", "endpoint")


class EscalationStepShown(Shown):
    wait = serializers.IntegerField(source="wait_s")
    begin = LocalTime(source="between_from", allow_null=True)
    end = LocalTime(source="between_to", allow_null=True)
    targets = StepTargetShown(many=True)

    class Meta:
        model = EscalationStep
        fields = ("wait", "begin", "end", "targets")


class EscalationPolicyShown(Shown):
    """An escalation policy. `live_at` null: it pages nobody yet."""

    team = TeamField(read_only=True)
    steps = EscalationStepShown(many=True)
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = EscalationPolicy
        fields = (
            "slug", "name", "team", "zone", "repeats", "is_last_resort", "live_at", "steps", "created_at", "version",
            "page",
        )  # fmt: skip


class EscalationPolicyViewSet(Readable):
    """In which order people are paged until somebody answers."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _MAKE, "partial_update": _WRITE, "destroy": _WRITE,
        "go_live": _WRITE,
    }  # fmt: skip
    serializer_class = EscalationPolicyShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[EscalationPolicy]:
        return reading.policies(self.actor).order_by()

    @extend_schema(request=NewEscalationPolicy, responses={201: EscalationPolicyShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """It pages nobody until it goes live."""
        said = self.validated(NewEscalationPolicy)
        made = policies.create(actor=self.actor, **{**said, "steps": policies.as_new(said["steps"])})
        return self.respond(self._anew(made), 201, {"Location": f"/api/v1/escalation-policies/{made.slug}/"})

    @extend_schema(request=EscalationPolicyEditing, responses={200: EscalationPolicyShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        said = self.validated(EscalationPolicyEditing)
        if "steps" in said:
            said["steps"] = policies.as_new(said["steps"])
        made = policies.edit(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self.respond(self._anew(made))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Retire it: refused while a route, an open escalation or everybody needs it."""
        policies.retire(self.get_object(), actor=self.actor, at=timezone.now(), version=version_read(request))
        return Response(status=204)

    @extend_schema(request=Nothing, responses={200: EscalationPolicyShown}, operation_id="escalation_policies_go_live")
    @action(detail=True, methods=["post"], url_path="go-live")
    def go_live(self, request: Request, slug: str) -> Response:
        """From now on it pages."""
        self.validated(Nothing)
        made = policies.go_live(
            self.get_object(), actor=self.actor, at=timezone.now(), version=version_read(request)
        )  # fmt: skip
        return self.respond(self._anew(made))

    def _anew(self, made: EscalationPolicy) -> EscalationPolicy:
        return reading.policy_called(self.actor, made.slug)
