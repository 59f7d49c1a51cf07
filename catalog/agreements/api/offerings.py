"""Offerings over REST: everybody reads what is offered to them, the editors of a service keep its offerings."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.agreements import operations, permissions, queries
from catalog.agreements.api.fields import AgreementField
from catalog.agreements.models import Offering
from catalog.services.api.fields import ServiceField
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.audiences import AudienceField
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, ShownByReader, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class OfferingFilter(Listed):
    service = django_filters.CharFilter(field_name="service__slug", max_length=63)

    class Meta:
        model = Offering
        fields = ("service",)


class OfferingEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    description = fields.Text(max_length=4000, allow_blank=True, required=False)
    audience = AudienceField(required=False)
    agreement = AgreementField(required=False, allow_null=True)


class NewOffering(OfferingEditing):
    service = ServiceField()
    name = fields.Text(max_length=120)


class OfferingForRequester(ShownByReader):
    """What is there for who does not work here: not what is promised, and to whom else it is offered."""

    for_everybody = frozenset({"id", "service", "name", "description"})

    service = ServiceField(read_only=True)

    class Meta:
        model = Offering
        fields: tuple[str, ...] = ("id", "service", "name", "description")


class OfferingShown(OfferingForRequester):
    audience = AudienceField(read_only=True)
    agreement = AgreementField(read_only=True)
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Offering
        fields = (
            "id", "service", "name", "description", "audience", "agreement", "retired_at", "created_at", "version",
            "url",
        )  # fmt: skip


_KEEP = Entry(permissions.offering_authors, scopes.CATALOG_WRITE, over=permissions.edits_offering)


class OfferingViewSet(Readable):
    """What people may ask for under a service."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.offering_authors, scopes.CATALOG_WRITE),
        "partial_update": _KEEP,
        "retire": _KEEP,
        "revive": _KEEP,
    }
    serializer_class = OfferingShown
    filterset_class = OfferingFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self) -> Any:
        shown = getattr(self, "swagger_fake_view", False) or staff(self.actor)
        return OfferingShown if shown else OfferingForRequester

    def visible_rows(self) -> QuerySet[Offering]:
        return queries.visible_offerings(self.actor).order_by()

    def respond(self, record: Any, *args: Any, **kwargs: Any) -> Response:
        """Without a version for who may not edit."""
        response = super().respond(record, *args, **kwargs)
        if not staff(self.actor):
            del response["ETag"]
        return response

    @extend_schema(request=NewOffering, responses={201: OfferingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_offering(actor=self.actor, **self.validated(NewOffering))
        return self.respond(made, 201, {"Location": f"/api/v1/offerings/{made.pk}/"})

    @extend_schema(request=OfferingEditing, responses={200: OfferingShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        edited = operations.edit_offering(
            self.get_object(), actor=self.actor, version=version_read(request), **self.validated(OfferingEditing)
        )
        return self.respond(edited)

    @extend_schema(request=Nothing, responses={200: OfferingShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """It is offered no more."""
        self.validated(Nothing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.retire_offering(found, actor=self.actor, version=version, at=timezone.now()))

    @extend_schema(request=Nothing, responses={200: OfferingShown})
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, pk: str) -> Response:
        """It is offered again."""
        self.validated(Nothing)
        found, version = self.get_object(), version_read(request)
        return self.respond(operations.revive_offering(found, actor=self.actor, version=version))
