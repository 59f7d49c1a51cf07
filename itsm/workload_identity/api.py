"""The door of pipelines without a secret, and whose tokens are believed, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.nearest import did_you_mean
from itsm.api.parsers import StrictJSON
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, made
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.workload_identity import exchanging, operations, permissions
from itsm.workload_identity.models import MAX_ISSUER, TrustedIssuer, WorkloadMapping
from itsm.workload_identity.vocabulary import Standing

_READ = Entry(permissions.readers)
_WRITE = Entry(permissions.keepers, scopes.PEOPLE_WRITE)


class WorkloadToken(Strict):
    token = fields.Text(max_length=exchanging.LONGEST, help_text="the ID token (JWT) of the pipeline's platform")


class GateTokenShown(serializers.Serializer[Any]):
    """`token`: for `Authorization: Bearer`, until `expires_at`; it asks the gate and does nothing else."""

    token = serializers.CharField()
    expires_at = fields.Instant()


class OidcDoor(viewsets.GenericViewSet[Any]):
    """A token of a pipeline's platform for ten minutes of asking the gate. The token itself is the key."""

    policy: ClassVar = {"exchange": Entry(anyone)}  # proven by the token's signature: see exchanging.py
    metadata_class = None
    serializer_class = GateTokenShown
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSON,)

    @extend_schema(request=WorkloadToken, responses={200: GateTokenShown}, operation_id="oidc_token_create", auth=[])
    def exchange(self, request: Request) -> Response:
        """401 with `reason` where it is not let in; 503: the issuer's keys cannot be read, ask again."""
        said = WorkloadToken.read_body(request.data, {})
        text, expires_at = exchanging.exchange(said["token"].strip(), at=timezone.now())
        answer = Response(GateTokenShown({"token": text, "expires_at": expires_at}).data)
        answer["Cache-Control"] = "no-store"
        return answer


class NewTrustedIssuer(Strict):
    """`issuer`: to the letter as its tokens say it (iss)."""

    name = fields.Text(max_length=80)
    issuer = fields.Text(max_length=MAX_ISSUER)


class TrustedIssuerShown(Shown):
    """Whose tokens are believed. `key_ids`: its keys by name, as they were read last."""

    standing = fields.Choice(choices=Standing.choices)
    trusted_by = PersonField(read_only=True)
    key_ids = serializers.ListField(child=serializers.CharField(), source="keys")
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = TrustedIssuer
        fields = (
            "id", "name", "issuer", "standing", "trusted_by", "asked_at", "trusted_at", "withdrawn_at", "key_ids",
            "keys_read_at", "last_error", "version", "page",
        )  # fmt: skip


@extend_schema_field(OpenApiTypes.STR)
class IssuerField(serializers.Field[Any, Any, Any, Any]):
    """The name of a trusted issuer that is not withdrawn."""

    def to_internal_value(self, data: Any) -> TrustedIssuer:
        rows = TrustedIssuer.objects.filter(withdrawn_at=None)
        name = data[:80].replace("\0", "") if isinstance(data, str) else None
        found: TrustedIssuer | None = rows.filter(name=name).first()
        if found is None:
            near = did_you_mean(str(data), rows.values_list("name", flat=True).order_by("name"))
            raise serializers.ValidationError(_("There is no such issuer.") + near)
        return found

    def to_representation(self, value: TrustedIssuer) -> str:
        return value.name


class NewWorkloadMapping(Strict):
    """`claims`: name to value, all of which a token has to make; one of them says in full which repository it is."""

    issuer = IssuerField()
    claims = serializers.DictField(child=fields.Text(max_length=300))
    account = PersonField()


class WorkloadMappingShown(Shown):
    """Which workload is which service account here."""

    issuer = IssuerField(read_only=True)
    claims = serializers.DictField(child=serializers.CharField())
    account = PersonField(read_only=True)
    mapped_by = PersonField(read_only=True)
    standing = fields.Choice(choices=Standing.choices)

    class Meta:
        model = WorkloadMapping
        fields = (
            "id", "issuer", "claims", "account", "standing", "mapped_by", "asked_at", "trusted_at", "withdrawn_at",
            "last_used_at", "version",
        )  # fmt: skip


class TrustedIssuerViewSet(Readable):
    """Whose tokens of pipelines are believed."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _WRITE, "withdraw": _WRITE}
    serializer_class = TrustedIssuerShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[TrustedIssuer]:
        return TrustedIssuer.objects.visible_to(self.actor).select_related("trusted_by").order_by()

    @extend_schema(request=NewTrustedIssuer, responses={201: TrustedIssuerShown, 202: AwaitingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """202: a second administrator confirms it. Where there is none, the page asks for your password."""
        kept = operations.trust_issuer(actor=self.actor, at=timezone.now(), **self.validated(NewTrustedIssuer))
        if kept.awaits is not None:
            return made(awaiting(kept.awaits), kept)
        return self.respond(kept, 201, {"Location": f"/api/v1/trusted-issuers/{kept.pk}/"})

    @extend_schema(request=Nothing, responses=TrustedIssuerShown)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Nobody comes in by it any more, and whom it let in has to go."""
        self.validated(Nothing)
        return self.respond(
            operations.withdraw(self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now())
        )


class WorkloadMappingViewSet(Readable):
    """Which workloads are let in, and as whom."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _WRITE, "withdraw": _WRITE}
    serializer_class = WorkloadMappingShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[WorkloadMapping]:
        rows = WorkloadMapping.objects.visible_to(self.actor)
        return rows.select_related("issuer", "account", "mapped_by").order_by()

    @extend_schema(request=NewWorkloadMapping, responses={201: WorkloadMappingShown, 202: AwaitingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """202: a second administrator confirms it. Where there is none, the page asks for your password."""
        kept = operations.map_workload(actor=self.actor, at=timezone.now(), **self.validated(NewWorkloadMapping))
        if kept.awaits is not None:
            return made(awaiting(kept.awaits), kept)
        return self.respond(kept, 201, {"Location": f"/api/v1/workload-mappings/{kept.pk}/"})

    @extend_schema(request=Nothing, responses=WorkloadMappingShown)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It lets nobody in any more, and whom it let in has to go."""
        self.validated(Nothing)
        return self.respond(
            operations.withdraw(self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now())
        )


def register(router: Router) -> None:
    router.register("trusted-issuers", TrustedIssuerViewSet, basename="trusted-issuer")
    router.register("workload-mappings", WorkloadMappingViewSet, basename="workload-mapping")
