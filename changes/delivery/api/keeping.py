"""Sources of deliveries, what of theirs is which service, and every delivery as it came: for who keeps them."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from changes.delivery import permissions
from changes.delivery.models import DeliverySource, DeploymentRoute, PlatformDelivery
from changes.delivery.operations import mapping, sources
from changes.delivery.operations.receiving import body_of
from changes.delivery.vocabulary import DeliveryStatus, Platform
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, made

_READS = Entry(permissions.keepers)
_KEEPS = Entry(permissions.keepers, scopes.CHANGES_WRITE)


class _SourceFields(Strict):
    credential = fields.Text(max_length=63, allow_blank=True, required=False, help_text="the name of its secret")
    mapping = fields.Anything(required=False, help_text="of a source of the platform generic: JSON pointers")
    api_url = fields.Text(
        max_length=300, allow_blank=True, required=False, help_text="where its questions are answered"
    )
    app_id = fields.Text(max_length=20, allow_blank=True, required=False, help_text="of a GitHub App")
    api_credential = fields.Text(
        max_length=63, allow_blank=True, required=False, help_text="the name of the App's key, or of a token"
    )


class NewDeliverySource(_SourceFields):
    slug = fields.Text(max_length=63)
    name = fields.Text(max_length=120)
    platform = fields.Choice(choices=Platform.choices)
    account = PersonField(help_text="the program that it acts as")


class DeliverySourceEditing(_SourceFields):
    name = fields.Text(max_length=120, required=False)
    account = PersonField(required=False)


class DeliverySourceShown(Shown):
    account = PersonField(read_only=True)
    platform = fields.Choice(choices=Platform.choices, read_only=True)
    mapping = serializers.DictField(read_only=True)

    class Meta:
        model = DeliverySource
        fields = (
            "id", "slug", "name", "platform", "account", "credential", "mapping", "api_url", "app_id",
            "api_credential", "created_at", "version",
        )  # fmt: skip


class DeliverySourceMadeShown(DeliverySourceShown):
    """`secret`: to be told to the platform; shown this once. Empty where it is a credential's."""

    secret = serializers.CharField(read_only=True, allow_blank=True)

    class Meta(DeliverySourceShown.Meta):
        fields = (*DeliverySourceShown.Meta.fields, "secret")  # type: ignore[assignment]  # one more


class DeliverySourceViewSet(Readable):
    """Platforms that tell of deployments."""

    policy: ClassVar = {
        "list": _READS, "retrieve": _READS, "create": _KEEPS, "partial_update": _KEEPS, "retire": _KEEPS,
        "rotate": _KEEPS,
    }  # fmt: skip
    serializer_class = DeliverySourceShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[DeliverySource]:
        return DeliverySource.objects.filter(retired_at=None).select_related("account")

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return DeliverySourceMadeShown if self.action in ("create", "rotate") else DeliverySourceShown

    @extend_schema(request=NewDeliverySource, responses={201: DeliverySourceMadeShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """The secret is in this answer and nowhere else; where the request is repeated it is left out."""
        source, secret = sources.add_source(actor=self.actor, at=timezone.now(), **self.validated(NewDeliverySource))
        return self._shown(source, secret, 201, {"Location": f"/api/v1/delivery-sources/{source.slug}/"})

    @extend_schema(request=DeliverySourceEditing, responses=DeliverySourceShown)
    def partial_update(self, request: Request, slug: str) -> Response:
        words, version = self.validated(DeliverySourceEditing), version_read(request)
        return self.respond(sources.edit_source(self.get_object(), actor=self.actor, version=version, **words))

    @extend_schema(request=Nothing, responses=DeliverySourceMadeShown)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, slug: str) -> Response:
        """A new secret; the one before counts for a day more."""
        self.validated(Nothing)
        source, secret = sources.rotate(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self._shown(source, secret, 200)

    @extend_schema(request=Nothing, responses=DeliverySourceShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It takes nothing any more; what came stays."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            sources.retire_source(self.get_object(), actor=self.actor, version=version, at=timezone.now())
        )

    def _shown(
        self, source: DeliverySource, secret: str, status: int, headers: dict[str, str] | None = None
    ) -> Response:
        source.secret = secret  # type: ignore[attr-defined]
        response = Response(DeliverySourceMadeShown(source).data, status=status, headers=headers or {})
        response["ETag"] = f'"{source.version}"'
        return made(response, source)

    def made_before(self, key: str) -> Any:
        found = super().made_before(key)
        if found is not None:
            found.secret = ""
        return found


class NewDeploymentRoute(Strict):
    source = fields.Named(  # type: ignore[assignment]
        slug_field="slug", queryset=DeliverySource.objects.filter(retired_at=None)
    )
    repository = fields.Text(max_length=200)
    workflow = fields.Text(max_length=200, default="", allow_blank=True, help_text="any where it is empty")
    theirs = fields.Text(max_length=200, default="", allow_blank=True, help_text="their environment; any where empty")
    service = ServiceField()
    environment = EnvironmentNameField()


class DeploymentRouteShown(Shown):
    source = serializers.CharField(source="source.slug", read_only=True)  # type: ignore[assignment]
    service = serializers.CharField(source="service.slug", read_only=True)

    class Meta:
        model = DeploymentRoute
        fields = ("id", "source", "repository", "workflow", "theirs", "service", "environment", "created_at", "version")


class DeploymentRouteViewSet(Readable):
    """What of a platform is a service of ours in an environment of ours."""

    policy: ClassVar = {"list": _READS, "retrieve": _READS, "create": _KEEPS, "destroy": _KEEPS}
    serializer_class = DeploymentRouteShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[DeploymentRoute]:
        return DeploymentRoute.objects.select_related("source", "service").order_by()

    @extend_schema(request=NewDeploymentRoute, responses={201: DeploymentRouteShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """From now on, and for what waits. By somebody without a stake in an open change of the service."""
        made = mapping.map_deployments(actor=self.actor, at=timezone.now(), **self.validated(NewDeploymentRoute))
        return self.respond(made, 201, {"Location": f"/api/v1/deployment-routes/{made.pk}/"})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """What is told from now on waits for another mapping."""
        mapping.unmap(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)


class PlatformDeliveryShown(Shown):
    source = serializers.CharField(source="source.slug", read_only=True)  # type: ignore[assignment]
    status = fields.Choice(choices=DeliveryStatus.choices, read_only=True)
    deployment = serializers.IntegerField(source="deployment_id", allow_null=True, read_only=True)

    class Meta:
        model = PlatformDelivery
        fields = (
            "id", "source", "delivery_id", "event", "status", "reason", "repository", "workflow", "environment",
            "deployment", "size", "sha256", "received_at", "applied_at", "version",
        )  # fmt: skip


class DeliveryBodyShown(serializers.Serializer[Any]):
    """A body as it came, of which nothing is interpreted."""

    text = serializers.CharField()


class PlatformDeliveryFilter(Listed):
    status = django_filters.ChoiceFilter(choices=DeliveryStatus.choices)
    source = django_filters.CharFilter(field_name="source__slug", max_length=63)
    repository = django_filters.CharFilter(max_length=200)

    class Meta:
        model = PlatformDelivery
        fields = ("status", "source", "repository")


class PlatformDeliveryViewSet(Readable):
    """Every webhook as it came, and what became of it."""

    policy: ClassVar = {"list": _READS, "retrieve": _READS, "body": _READS, "replay": _KEEPS, "discard": _KEEPS}
    serializer_class = PlatformDeliveryShown
    filterset_class = PlatformDeliveryFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PlatformDelivery]:
        return PlatformDelivery.objects.select_related("source").defer("body").order_by("-id")

    @extend_schema(responses=DeliveryBodyShown)
    @action(detail=True)
    def body(self, request: Request, pk: str) -> Response:
        """What was sent, as text."""
        return Response({"text": body_of(self.get_object()).decode("utf-8", "replace").replace("\x00", "")})

    @extend_schema(request=Nothing, responses=PlatformDeliveryShown)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Read it once more. What it told before is known, and stays as it is."""
        self.validated(Nothing)
        return self.respond(mapping.replay(self.get_object(), actor=self.actor, at=timezone.now()))

    @extend_schema(request=Nothing, responses=PlatformDeliveryShown)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Nothing follows from one that cannot be read, or is of no known service."""
        self.validated(Nothing)
        return self.respond(mapping.discard(self.get_object(), actor=self.actor, at=timezone.now()))
