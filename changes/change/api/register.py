"""Models, attestations, the calendar and the probe over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Service
from catalog.services.permissions import standard_authorisers
from changes.calendar.models import CalendarWindow
from changes.calendar.operations import windows
from changes.change import permissions
from changes.change.api.documents import ProbeDocument
from changes.change.api.serializers import (
    AttestationShown,
    AttestorShown,
    CalendarWindowShown,
    Environment,
    ModelShown,
    NewAttestation,
    NewAttestor,
    NewCalendarWindow,
    NewModel,
    NewPolicyVersion,
    Nothing,
    PolicyApprovalWords,
    PolicyVersionShown,
)
from changes.change.api.shapes import probe_shape
from changes.change.models import Attestation, Attestor
from changes.change.operations import attesting
from changes.change.queries.probing import probe
from changes.change_models import operations as change_models
from changes.change_models.models import ChangeModel
from changes.gate.vocabulary import ChangeClass, Purpose
from changes.policies import operations as ruling
from changes.policies.models import PolicyVersion
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, Rows


class ModelViewSet(Readable):
    """Change models: what makes a change standard."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(standard_authorisers, scopes.CHANGES_WRITE),
        "certify": Entry(standard_authorisers, scopes.CHANGES_WRITE),
    }
    serializer_class = ModelShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,80}"

    def rows(self) -> QuerySet[ChangeModel]:
        return ChangeModel.objects.select_related("service", "approved_by").order_by()

    @extend_schema(request=NewModel, responses={201: ModelShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """On the name of a service owner or administrator."""
        model = change_models.approve_model(actor=self.actor, at=timezone.now(), **self.said(NewModel))
        return self.shown(model, 201, {"Location": f"/api/v1/change-models/{model.slug}/"})

    @extend_schema(request=Nothing, responses=ModelShown)
    @action(detail=True, methods=["post"])
    def certify(self, request: Request, slug: str) -> Response:
        """For another 180 days; lifts a suspension."""
        self.said(Nothing)
        model = change_models.certify_model(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.shown(model)


class AttestationViewSet(Readable):
    """What principals say about artifacts; proof for changes of others."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(permissions.attesters, scopes.CHANGES_WRITE),
        "withdraw": Entry(permissions.attesters, scopes.CHANGES_WRITE, over=permissions.attestation_authors),
    }
    serializer_class = AttestationShown
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> QuerySet[Attestation]:
        return Attestation.objects.select_related("by", "service", "withdrawal").order_by()

    @extend_schema(request=NewAttestation, responses={201: AttestationShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        return self.shown(attesting.attest(actor=self.actor, at=timezone.now(), **self.said(NewAttestation)), 201)

    @extend_schema(request=Nothing, responses={201: AttestationShown})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own word back. Both rows stay."""
        self.said(Nothing)
        return self.shown(attesting.withdraw(self.get_object(), actor=self.actor, at=timezone.now()), 201)


class AttestorViewSet(Readable):
    """Whose word counts, about which subject of which service's artifacts."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(permissions.attestor_keepers, scopes.CHANGES_WRITE),
        "dismiss": Entry(permissions.attestor_keepers, scopes.CHANGES_WRITE),
    }
    serializer_class = AttestorShown
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> QuerySet[Attestor]:
        return Attestor.objects.select_related("service", "account", "named_by", "dismissed_by").order_by()

    @extend_schema(request=NewAttestor, responses={201: AttestorShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """By an owner or manager, a person, without a stake in an open change of the service."""
        named = attesting.name_attestor(actor=self.actor, at=timezone.now(), **self.said(NewAttestor))
        return self.shown(named, 201, {"Location": f"/api/v1/attestors/{named.pk}/"})

    @extend_schema(request=Nothing, responses=AttestorShown)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Its kind words no longer count; strict ones that it said while it was named still do."""
        self.said(Nothing)
        named = attesting.dismiss_attestor(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.shown(named)


class PolicyVersionViewSet(Readable):
    """Versions of the policy. One rules after another person approved it."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": Entry(permissions.policy_keepers, scopes.CHANGES_WRITE),
        "approvals": Entry(permissions.staff, scopes.CHANGES_APPROVE, over=ruling.may_be_heard),
    }
    serializer_class = PolicyVersionShown
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> QuerySet[PolicyVersion]:
        return PolicyVersion.objects.select_related("proposed_by").order_by()

    @extend_schema(request=NewPolicyVersion, responses={201: PolicyVersionShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Propose a version, as a change manager; it rules nothing yet."""
        version = ruling.propose(actor=self.actor, at=timezone.now(), **self.said(NewPolicyVersion))
        return self.shown(version, 201, {"Location": f"/api/v1/policy-versions/{version.pk}/"})

    @extend_schema(request=PolicyApprovalWords, responses={201: PolicyVersionShown})
    @action(detail=True, methods=["post"])
    @idempotent()
    def approvals(self, request: Request, pk: str) -> Response:
        """Approve or decline, as a change manager who did not propose it; approved, it rules from here on."""
        words = self.said(PolicyApprovalWords)
        return self.shown(ruling.decide(self.get_object(), actor=self.actor, at=timezone.now(), **words), 201)


class CalendarViewSet(Readable):
    """Freezes, blackouts, lockdowns, maintenance."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
        "lift": Entry(permissions.calendar_keepers, scopes.CHANGES_WRITE),
    }
    serializer_class = CalendarWindowShown
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> QuerySet[CalendarWindow]:
        return CalendarWindow.objects.prefetch_related("services").order_by()

    @extend_schema(request=NewCalendarWindow, responses={201: CalendarWindowShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        words = self.said(NewCalendarWindow)
        window = windows.add_window(actor=self.actor, at=timezone.now(), meaning=words.pop("kind"), **words)
        return self.shown(window, 201, {"Location": f"/api/v1/calendar-windows/{window.pk}/"})

    @extend_schema(request=Nothing, responses=CalendarWindowShown)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """End it now; what it postponed is judged again."""
        self.said(Nothing)
        window = windows.lift_window(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.shown(window)


class ProbeQuestion(Strict):
    environment = Environment(default="production")
    change_class = serializers.ChoiceField(choices=[one.value for one in ChangeClass], default="normal")
    purpose = serializers.ChoiceField(choices=[one.value for one in Purpose], default="feature")


class ProbeViewSet(Rows):
    """The read-only probe of a service's gate."""

    policy: ClassVar = {"retrieve": Entry(permissions.staff, (scopes.READ, scopes.GATE_ASK))}
    serializer_class = ProbeQuestion
    lookup_field = "slug"

    def rows(self) -> QuerySet[Service]:
        return Service.objects.visible_to(self.actor).select_related("team")

    def get_queryset(self) -> QuerySet[Service]:
        return Service.objects.none() if getattr(self, "swagger_fake_view", False) else self.rows()

    @extend_schema(
        parameters=[
            OpenApiParameter("environment", str),
            OpenApiParameter("change_class", str, enum=[one.value for one in ChangeClass]),
            OpenApiParameter("purpose", str, enum=[one.value for one in Purpose]),
        ],
        responses=ProbeDocument,
        operation_id="services_gate_retrieve",
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """What the gate would say now. Nothing is opened, kept or reserved."""
        asked = ProbeQuestion(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        said = probe(self.get_object(), actor=self.actor, at=timezone.now(), **asked.validated_data)
        return Response(probe_shape(said))
