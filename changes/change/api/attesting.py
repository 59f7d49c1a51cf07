"""Attestations and the probe over REST."""

from typing import TYPE_CHECKING, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.environments.queries import default
from catalog.services.queries import every_service, visible_services
from changes.change import permissions
from changes.change.api.documents import ProbeDocument
from changes.change.api.serializers import AttestationShown, AttestorShown, NewAttestation, NewAttestor
from changes.change.api.shapes import probe_shape
from changes.change.models import Attestation, Attestor
from changes.change.operations import attesting
from changes.change.queries.probing import probe, program_called
from changes.change.queries.shadows import allowed_in_shadow
from changes.gate.vocabulary import ChangeClass, Purpose
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, Rows

if TYPE_CHECKING:
    from catalog.models import Service


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

    def visible_rows(self) -> QuerySet[Attestation]:
        return Attestation.objects.select_related("by", "service", "withdrawal").order_by()

    @extend_schema(request=NewAttestation, responses={201: AttestationShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        return self.respond(
            attesting.attest(actor=self.actor, at=timezone.now(), **self.validated(NewAttestation)), 201
        )

    @extend_schema(request=Nothing, responses={201: AttestationShown})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own word back. Both rows stay."""
        self.validated(Nothing)
        return self.respond(attesting.withdraw(self.get_object(), actor=self.actor, at=timezone.now()), 201)


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

    def visible_rows(self) -> QuerySet[Attestor]:
        return Attestor.objects.select_related("service", "account", "named_by", "dismissed_by").order_by()

    @extend_schema(request=NewAttestor, responses={201: AttestorShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """By an owner or manager, a person, without a stake in an open change of the service."""
        named = attesting.name_attestor(actor=self.actor, at=timezone.now(), **self.validated(NewAttestor))
        return self.respond(named, 201, {"Location": f"/api/v1/attestors/{named.pk}/"})

    @extend_schema(request=Nothing, responses=AttestorShown)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Its kind words no longer count; strict ones that it said while it was named still do."""
        self.validated(Nothing)
        named = attesting.dismiss_attestor(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.respond(named)


class ProbeQuestion(Strict):
    environment = EnvironmentNameField(default=default)
    change_class = fields.Choice(choices=[one.value for one in ChangeClass], default="normal")
    purpose = fields.Choice(choices=[one.value for one in Purpose], default="feature")
    asker = fields.Text(max_length=150, default="", allow_blank=True)


class ProbeViewSet(Rows):
    """The read-only probe of a service's gate."""

    policy: ClassVar = {"retrieve": Entry(permissions.staff, (scopes.READ, scopes.GATE_ASK))}
    serializer_class = ProbeQuestion
    lookup_field = "slug"

    def visible_rows(self) -> "QuerySet[Service]":
        return visible_services(self.actor).select_related("team")

    def get_queryset(self) -> "QuerySet[Service]":
        return every_service().none() if getattr(self, "swagger_fake_view", False) else self.visible_rows()

    @extend_schema(
        parameters=[
            OpenApiParameter("environment", str),
            OpenApiParameter("change_class", str, enum=[one.value for one in ChangeClass]),
            OpenApiParameter("purpose", str, enum=[one.value for one in Purpose]),
            OpenApiParameter("asker", str, description="a program of yours that would ask; without it: you"),
        ],
        responses=ProbeDocument,
        operation_id="services_gate_retrieve",
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """What the gate would say now. Nothing is opened, kept or reserved."""
        asked = ProbeQuestion(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        service, now = self.get_object(), timezone.now()
        words = dict(asked.validated_data)
        asker = program_called(words.pop("asker"), self.actor)
        said = probe(service, actor=self.actor, at=now, asker=asker, **words)
        in_shadow = allowed_in_shadow(service.pk, said.verdict, now) is not None
        return Response(probe_shape(said, in_shadow=in_shadow))
