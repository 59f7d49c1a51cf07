"""The start of delivery over REST: how far the company is, each service's past, and whether the gate rules it."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.queries import every_service, visible_services
from changes.back_tests.vocabulary import Quadrant
from changes.change.operations.shadowing import ask_shadow, end_shadow
from changes.change.permissions import shadow_keepers
from changes.delivery.vocabulary import Result
from changes.start_up import queries
from changes.start_up.models import PastAnswer
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Strict
from itsm.api.viewsets import Rows
from itsm.approvals.api.viewsets import AwaitingShown, awaiting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from catalog.models import Service

MOST_PAST = 200


class GateShadowShown(serializers.Serializer[Any]):
    """While it lasts the gate answers, records the truth, and stops nothing but what people closed."""

    until = fields.Instant()
    since = fields.Instant(source="began_at")
    reason = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.username")
    confirmed_by = serializers.CharField(source="confirmed_by.username")


class ServiceStartShown(serializers.Serializer[Any]):
    """Deployments of 90 days by what the gate said or would have said, and how they went."""

    service = serializers.CharField(source="slug")
    measured_days = serializers.IntegerField(source="figures.measured_days")
    smooth = serializers.IntegerField(source="figures.smooth", help_text="let go, and went well")
    escaped = serializers.IntegerField(source="figures.escaped", help_text="let go, and failed")
    friction = serializers.IntegerField(source="figures.friction", help_text="held up, and went well")
    stopped = serializers.IntegerField(source="figures.stopped", help_text="held up, and failed")
    unknown = serializers.IntegerField(source="figures.unknown")
    lived = serializers.IntegerField(help_text="of these, answered as they happened, in shadow")
    ready = serializers.BooleanField(source="is_ready", help_text="it is reasonable to let the gate rule")
    missing = serializers.ListField(
        child=serializers.CharField(), source="sentences", help_text="what speaks against it yet"
    )
    shadow = GateShadowShown(allow_null=True, help_text="null: the gate rules")


class StartUpShown(serializers.Serializer[Any]):
    measured = serializers.IntegerField(help_text="services with a measured objective")
    imported = serializers.IntegerField(help_text="deployments of the last 90 days")
    unjudged = serializers.IntegerField(help_text="of these, judged within minutes")
    told = serializers.IntegerField(help_text="deployments that platforms told of")
    services = ServiceStartShown(many=True)


class PastAnswerShown(serializers.Serializer[Any]):
    """One imported deployment, what the gate would have said of it, and how that would have gone."""

    started_at = fields.Instant(source="event.started_at")
    version = serializers.CharField(source="event.version")
    commit = serializers.CharField(source="event.commit")
    result = fields.Choice(choices=Result.choices, source="event.result")
    outcome = serializers.CharField()
    because = serializers.CharField()
    quadrant = fields.Choice(choices=Quadrant.choices)
    policy_version = serializers.CharField(source="policy.reference")


class PastShown(serializers.Serializer[Any]):
    """The newest of the last 90 days."""

    service = serializers.CharField()
    answers = PastAnswerShown(many=True)


class ShadowAsked(Strict):
    """Until when, 90 days from now at the most, and what is still to be seen before the gate may rule."""

    until = fields.Instant()
    reason = fields.Text(max_length=2000)


class EnforcedShown(serializers.Serializer[Any]):
    taken_back = serializers.IntegerField(help_text="answers that the shadow alone had allowed, and nobody had used")


class StartUpViewSet(Rows):
    """Bring the past, see what the gate would have said, let it rule."""

    policy: ClassVar = {
        "retrieve": Entry(staff),
        "past": Entry(staff),
        "shadow": Entry(staff, scopes.CHANGES_APPROVE, over=shadow_keepers),
        "enforce": Entry(staff, scopes.CHANGES_APPROVE, over=shadow_keepers),
    }
    serializer_class = StartUpShown
    pagination_class = None
    filter_backends = ()
    lookup_field = "slug"

    def visible_rows(self) -> "QuerySet[Service]":
        return visible_services(self.actor).select_related("team")

    def get_queryset(self) -> "QuerySet[Service]":
        return every_service().none() if getattr(self, "swagger_fake_view", False) else self.visible_rows()

    @extend_schema(operation_id="start_up", responses={200: StartUpShown})
    def retrieve(self, request: Request) -> Response:
        """How far the company is, and of each service whether the gate may rule; nearest to it first."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(StartUpShown(queries.start(self.actor, timezone.now())).data)

    @extend_schema(operation_id="start_up_past", responses={200: PastShown})
    def past(self, request: Request, slug: str) -> Response:
        """Past deployments of a service: reconstructed, and no decision of the gate."""
        refuse_unknown(request.query_params, (), whole=True)
        service = self.get_object()
        answers: list[PastAnswer] = list(queries.answers_of(self.actor, service.slug, timezone.now())[:MOST_PAST])
        return Response(PastShown({"service": service.slug, "answers": answers}).data)

    @extend_schema(operation_id="start_up_shadow", request=ShadowAsked, responses={202: AwaitingShown})
    def shadow(self, request: Request, slug: str) -> Response:
        """Let the gate only record its answers about this service, or do so for longer: a second person confirms."""
        service, words = self.get_object(), self.validated(ShadowAsked)
        return awaiting(ask_shadow(service, actor=self.actor, at=timezone.now(), **words))

    @extend_schema(operation_id="start_up_enforce", request=Nothing, responses={200: EnforcedShown})
    def enforce(self, request: Request, slug: str) -> Response:
        """Let the gate rule from now on."""
        service = self.get_object()
        self.validated(Nothing)
        return Response(EnforcedShown({"taken_back": end_shadow(service, actor=self.actor, at=timezone.now())}).data)
