"""Routes over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.api.fields import ServiceField
from incidents.escalation import operations, permissions, queries
from incidents.escalation.models import EscalationRoute
from incidents.escalation.vocabulary import Preset
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.paging.models import EscalationPolicy
from itsm.paging.vocabulary import Urgency
from itsm.people.api.wishes import LocalTime

_READ, _WRITE = Entry(permissions.staff), Entry(permissions.keepers, scopes.INCIDENTS_WRITE)


@extend_schema_field(OpenApiTypes.STR)
class PolicyField(serializers.Field[Any, Any, Any, Any]):
    """The slug of an escalation policy."""

    def to_internal_value(self, data: Any) -> EscalationPolicy:
        policies = EscalationPolicy.objects.visible_to(self.context["view"].actor).standing()
        found = policies.filter(slug=data[:63].replace("\0", "")).first() if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError(_("There is no such escalation policy."))
        return found

    def to_representation(self, value: EscalationPolicy) -> str:
        return value.slug


class EscalationRouteEditing(Strict):
    """An empty condition always holds. `days`: from 0, Monday, to 6, Sunday; none: all of them."""

    service = ServiceField(required=False, allow_null=True)
    team = TeamField(required=False, allow_null=True)
    urgency = fields.Choice(choices=Urgency.choices, required=False, allow_blank=True)
    days = serializers.ListField(child=fields.Whole(min_value=0, max_value=6), max_length=7, required=False)
    between_from = LocalTime(required=False, allow_null=True)
    between_to = LocalTime(required=False, allow_null=True)
    zone = fields.Text(max_length=64, required=False)
    policy = PolicyField(required=False)


class NewEscalationRoute(EscalationRouteEditing):
    policy = PolicyField()
    position = fields.Whole(min_value=1, max_value=1000, required=False)


class RouteMoved(Strict):
    position = fields.Whole(min_value=1, max_value=1000)


class PresetSent(Strict):
    """`zone`: on whose clocks day and night are read, such as Europe/Berlin."""

    preset = fields.Choice(choices=Preset.choices)
    service = ServiceField()
    builders = PolicyField()
    operations = PolicyField()
    zone = fields.Text(max_length=64)


class EscalationRouteShown(Shown):
    """One line of the table; the first whose conditions all hold says the policy."""

    service = ServiceField(read_only=True, allow_null=True)
    team = TeamField(read_only=True, allow_null=True)
    urgency = serializers.CharField(allow_blank=True)
    between_from = LocalTime(allow_null=True)
    between_to = LocalTime(allow_null=True)
    policy = PolicyField(read_only=True)

    class Meta:
        model = EscalationRoute
        fields = (
            "id", "position", "service", "team", "urgency", "days", "between_from", "between_to", "zone", "policy",
            "created_at", "version",
        )  # fmt: skip


class RoutesLaidShown(serializers.Serializer[Any]):
    """What a preset laid, in its order."""

    routes = EscalationRouteShown(many=True)


class RouteViewSet(Readable):
    """Which incidents page whom, and when."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _WRITE, "partial_update": _WRITE, "destroy": _WRITE,
        "move": _WRITE, "preset": _WRITE,
    }  # fmt: skip
    serializer_class = EscalationRouteShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[EscalationRoute]:
        return queries.visible_routes(self.actor).order_by()

    @extend_schema(request=NewEscalationRoute, responses={201: EscalationRouteShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_route(actor=self.actor, **self.validated(NewEscalationRoute))
        return self.respond(made, 201, {"Location": f"/api/v1/escalation-routes/{made.pk}/"})

    @extend_schema(request=EscalationRouteEditing, responses={200: EscalationRouteShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(EscalationRouteEditing)
        version = version_read(request)
        return self.respond(operations.edit_route(self.get_object(), actor=self.actor, version=version, **said))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        operations.remove_route(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)

    @extend_schema(request=RouteMoved, responses={200: EscalationRouteShown}, operation_id="escalation_routes_move")
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Before or behind others."""
        found = self.get_object()
        return self.respond(operations.move_route(found, actor=self.actor, **self.validated(RouteMoved)))

    @extend_schema(request=PresetSent, responses={200: RoutesLaidShown}, operation_id="escalation_routes_preset")
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def preset(self, request: Request) -> Response:
        """Who is first for a service: builders always, builders by day, or operations. Replaces what stood for it."""
        made = operations.apply_preset(actor=self.actor, **self.validated(PresetSent))
        return Response(RoutesLaidShown({"routes": made}, context=self.get_serializer_context()).data)


def register(router: Router) -> None:
    router.register("escalation-routes", RouteViewSet, basename="escalation-route")
