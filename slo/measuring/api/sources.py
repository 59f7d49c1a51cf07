"""Data sources over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.slugs import slug_shape
from slo.measuring import operations, permissions
from slo.measuring.models import DataSource
from slo.measuring.queries.listing import sources
from slo.measuring.queries.trying import refusal_of

_READ = Entry(permissions.readers)
_DEFINE = Entry(permissions.authors, scopes.SLO_WRITE)


class SourceEditing(Strict):
    name = fields.Text(max_length=120, required=False)
    url = fields.Text(max_length=300, required=False)
    auth = fields.Choice(choices=DataSource.Auth.choices, required=False)
    credential = fields.Text(
        max_length=63, required=False, allow_blank=True, help_text="The name of a secret file, never the secret."
    )
    username = fields.Text(max_length=120, required=False, allow_blank=True)
    authority = fields.Text(
        max_length=63, required=False, allow_blank=True, validators=[slug_shape],
        help_text="Whose certificate to trust there: the name of a .ca file, without its ending.",
    )  # fmt: skip
    tenant_header = fields.Text(max_length=60, required=False, allow_blank=True)
    tenant = fields.Text(max_length=200, required=False, allow_blank=True)
    lag_minutes = fields.Whole(min_value=0, max_value=60, required=False)


class NewSource(SourceEditing):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    url = fields.Text(max_length=300)


class SourceShown(Shown):
    """`address_refused`: said when it was just saved, why nothing is asked of this address and how to allow it."""

    address_refused = serializers.SerializerMethodField()

    class Meta:
        model = DataSource
        fields = (
            "slug", "name", "url", "auth", "credential", "username", "authority", "tenant_header", "tenant",
            "lag_minutes", "last_ok_at", "failing_since", "last_error", "address_refused", "created_at", "version",
        )  # fmt: skip

    def get_address_refused(self, source: DataSource) -> str:
        return str(getattr(source, "address_refused", ""))


class SourceViewSet(Readable):
    """Monitoring systems that indicators are pulled from. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": _DEFINE,
        "partial_update": _DEFINE,
        "destroy": _DEFINE,
    }
    serializer_class = SourceShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[DataSource]:
        return sources(self.actor).order_by()

    @extend_schema(request=NewSource, responses={201: SourceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        source: Any = operations.create_source(actor=self.actor, **self.validated(NewSource))
        source.address_refused = refusal_of(source.url)
        return self.respond(source, 201, {"Location": f"/api/v1/data-sources/{source.slug}/"})

    @extend_schema(request=SourceEditing, responses={200: SourceShown, 202: AwaitingShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        words = self.validated(SourceEditing)
        changed: Any = operations.edit_source(
            self.get_object(), actor=self.actor, version=version_read(request), **words
        )
        changed.address_refused = refusal_of(changed.url)
        return self.respond(changed) if changed.awaits is None else awaiting(changed.awaits)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Only while nothing is pulled from it."""
        operations.delete_source(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)
