"""Webhook endpoints and their log over REST: for administrators."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, Rows
from itsm.kernel.errors import NotFound
from itsm.webhooks import operations, permissions, queries
from itsm.webhooks.models import MAX_EVENTS, MAX_URL, WebhookDelivery, WebhookEndpoint
from itsm.webhooks.vocabulary import Form, Status

_READ = Entry(permissions.keepers)
_WRITE = Entry(permissions.keepers, scopes.PEOPLE_WRITE)
_STATES = ("owed", "delivered", "given_up")


class EndpointEditing(Strict):
    """`events`: types such as `incident.resolved`, or `incident.*`, or `*` alone."""

    name = fields.Text(max_length=80, required=False)
    url = fields.Text(max_length=MAX_URL, required=False)
    events = serializers.ListField(child=fields.Text(max_length=100), max_length=MAX_EVENTS, required=False)
    form = fields.Choice(choices=Form.choices, required=False)
    team = TeamField(required=False, allow_null=True)
    only_team = fields.YesNo(required=False, help_text="Only what lies with that team.")
    credential = fields.Text(
        max_length=63, required=False, allow_blank=True,
        help_text="The name of a secret of ours that signs; empty: one that is made for it, and shown once.",
    )  # fmt: skip
    slash_credential = fields.Text(
        max_length=63, required=False, allow_blank=True,
        help_text="The name of the secret that proves slash commands of Slack or Mattermost; empty: none is heard.",
    )  # fmt: skip
    options = serializers.DictField(child=fields.Anything(), required=False, help_text="Words of the form.")


class NewEndpoint(EndpointEditing):
    name = fields.Text(max_length=80)
    url = fields.Text(max_length=MAX_URL)
    events = serializers.ListField(child=fields.Text(max_length=100), max_length=MAX_EVENTS)


class Rotation(Strict):
    """`hours`: how long messages carry a signature by the secret before as well."""

    credential = fields.Text(max_length=63, required=False, allow_blank=True)
    hours = fields.Whole(min_value=0, max_value=operations.LONGEST_ROTATION, required=False)


class EndpointShown(Shown):
    """An endpoint. `secret`: what its receiver verifies with, said once when it was just made; else null."""

    form = serializers.ChoiceField(choices=Form.choices)
    team = TeamField(read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    owner = PersonField(read_only=True)
    secret = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = WebhookEndpoint
        fields = (
            "id", "name", "url", "form", "events", "team", "only_team", "credential", "secret", "before_until",
            "options", "slash_credential", "status",
            "off_because", "failing_since", "last_ok_at", "last_error", "owner", "created_at",
            "version", "page",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_secret(self, endpoint: WebhookEndpoint) -> str | None:
        return getattr(endpoint, "secret", None) or None


class TriedWebhookShown(serializers.Serializer[Any]):
    """`said`: the status, the time, and the beginning of the answer; or why there was none."""

    ok = serializers.BooleanField()
    said = serializers.CharField()
    seconds = serializers.FloatField()


class AttemptShown(serializers.Serializer[Any]):
    """One try. `ok` null: it was begun, and nobody knows how it ended; it is made again."""

    number = serializers.IntegerField()
    begun_at = fields.Instant()
    ended_at = fields.Instant(allow_null=True)
    ok = serializers.BooleanField(allow_null=True)
    said = serializers.CharField(allow_blank=True)


class WebhookDeliveryShown(Shown):
    """A message for the endpoint. `message`: its `webhook-id`. `body`: as it is sent, to the byte."""

    message = serializers.CharField(source="event.key")
    type = serializers.CharField(source="event.type")
    at = fields.Instant(source="event.at")
    reference = serializers.CharField(source="event.reference")
    state = serializers.ChoiceField(choices=_STATES)
    due_at = serializers.SerializerMethodField()
    attempts = AttemptShown(source="tries", many=True)
    body = serializers.CharField(source="event.body")

    class Meta:
        model = WebhookDelivery
        fields = ("id", "message", "type", "at", "reference", "state", "due_at", "attempts", "is_replay", "body")

    @extend_schema_field(fields.Instant(allow_null=True))
    def get_due_at(self, delivery: WebhookDelivery) -> str | None:
        """When it is tried next; null once it was delivered or given up."""
        owed = delivery.owed
        return fields.Instant().to_representation(owed.due_at) if owed and delivery.state == "owed" else None


class EndpointViewSet(Readable):
    """Where other systems hear of what happens here, signed as Standard Webhooks are."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _WRITE, "partial_update": _WRITE, "destroy": _WRITE,
        "rotate": _WRITE, "test": _WRITE, "switch_off": _WRITE, "switch_on": _WRITE,
    }  # fmt: skip
    serializer_class = EndpointShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[WebhookEndpoint]:
        return queries.endpoints(self.actor).order_by()

    @extend_schema(request=NewEndpoint, responses={201: EndpointShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made: Any
        made, secret = operations.create(actor=self.actor, **self.validated(NewEndpoint))
        made.secret = secret
        return self.respond(made, 201, {"Location": f"/api/v1/webhook-endpoints/{made.pk}/"})

    @extend_schema(request=EndpointEditing, responses={200: EndpointShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(EndpointEditing)
        return self.respond(operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **said))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """With its log; what it is owed is given up."""
        operations.delete(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)

    @extend_schema(request=Rotation, responses={200: EndpointShown}, operation_id="webhook_endpoints_rotate")
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """A new secret; for a day, or as many hours as are said, both sign."""
        changed: Any
        changed, secret = operations.rotate(
            self.get_object(), actor=self.actor, at=timezone.now(), version=version_read(request),
            **self.validated(Rotation),
        )  # fmt: skip
        changed.secret = secret
        return self.respond(changed)

    @extend_schema(request=Nothing, responses={200: TriedWebhookShown}, operation_id="webhook_endpoints_test")
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a message of the type `webhook.test` now, and say what came back."""
        self.validated(Nothing)
        return Response(TriedWebhookShown(operations.test(self.get_object(), actor=self.actor, at=timezone.now())).data)

    @extend_schema(request=Nothing, responses={200: EndpointShown}, operation_id="webhook_endpoints_switch_off")
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str) -> Response:
        """Nothing more is sent; what is owed is given up."""
        self.validated(Nothing)
        return self.respond(operations.switch_off(self.get_object(), actor=self.actor, version=version_read(request)))

    @extend_schema(request=Nothing, responses={200: EndpointShown}, operation_id="webhook_endpoints_switch_on")
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, pk: str) -> Response:
        """It is told again of what happens from now on."""
        self.validated(Nothing)
        return self.respond(operations.switch_on(self.get_object(), actor=self.actor, version=version_read(request)))


class DeliveryViewSet(Rows):
    """What was sent to an endpoint in the last thirty days, the newest first."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "replay": _WRITE}
    serializer_class = WebhookDeliveryShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[WebhookDelivery]:
        endpoint = queries.endpoints(self.actor).filter(pk=self.kwargs["endpoint"]).first()
        if endpoint is None:
            raise NotFound(_("There is no such endpoint."))
        return queries.log_of(endpoint).order_by()

    def list(self, request: Request, endpoint: str) -> Response:
        """With every try of each."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.get_queryset())
        queries.put_on(page or [])
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, endpoint: str, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(request=Nothing, responses={202: WebhookDeliveryShown}, operation_id="webhook_deliveries_replay")
    @action(detail=True, methods=["post"])
    @idempotent()
    def replay(self, request: Request, endpoint: str, pk: str) -> Response:
        """Send the message again, under the same id."""
        self.validated(Nothing)
        made = operations.replay(self.get_object(), actor=self.actor)
        return self._shown(made, 202)

    def _shown(self, delivery: WebhookDelivery, status: int = 200) -> Response:
        queries.put_on([delivery])
        return self.respond(delivery, status)


def register(router: Router) -> None:
    router.register("webhook-endpoints", EndpointViewSet, basename="webhook-endpoint")
    router.register(
        "webhook-endpoints/(?P<endpoint>[0-9]{1,18})/deliveries", DeliveryViewSet, basename="webhook-delivery"
    )
