"""What groups of a provider mean here, over REST."""

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

from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.nearest import did_you_mean
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, made
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.identity import operations
from itsm.identity.api.entries import READ, WRITE
from itsm.identity.models import MAX_GROUP, GroupMapping, IdentityProvider
from itsm.identity.vocabulary import Standing


@extend_schema_field(OpenApiTypes.STR)
class ProviderField(serializers.Field[Any, Any, Any, Any]):
    """The short name of a provider that is not withdrawn."""

    def to_internal_value(self, data: Any) -> IdentityProvider:
        rows = IdentityProvider.objects.filter(withdrawn_at=None)
        slug = data[:40].replace("\0", "") if isinstance(data, str) else None
        found: IdentityProvider | None = rows.filter(slug=slug).first()
        if found is None:
            near = did_you_mean(str(data), rows.values_list("slug", flat=True).order_by("slug"))
            raise serializers.ValidationError(_("There is no such provider.") + near)
        return found

    def to_representation(self, value: IdentityProvider) -> str:
        return value.slug


class NewGroupMapping(Strict):
    """A group means a role or a team, one of them."""

    provider = ProviderField()
    group = fields.Text(max_length=MAX_GROUP)
    role = fields.Text(max_length=70, required=False, help_text="a built-in role, or own:<slug> of one of yours")
    team = TeamField(required=False)
    lead = fields.YesNo(required=False)


class GroupMappingShown(Shown):
    """Who is in this group has this role here, or is in this team."""

    provider = ProviderField(read_only=True)
    team = TeamField(read_only=True, allow_null=True)
    mapped_by = PersonField(read_only=True)
    standing = fields.Choice(choices=Standing.choices)

    class Meta:
        model = GroupMapping
        fields = (
            "id", "provider", "group", "role", "team", "lead", "standing", "mapped_by", "asked_at", "trusted_at",
            "withdrawn_at", "version",
        )  # fmt: skip


class GroupMappingViewSet(Readable):
    """What the groups of providers mean here."""

    policy: ClassVar = {"list": READ, "retrieve": READ, "create": WRITE, "withdraw": WRITE}
    serializer_class = GroupMappingShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[GroupMapping]:
        rows = GroupMapping.objects.visible_to(self.actor)
        return rows.select_related("provider", "team", "mapped_by").order_by()

    @extend_schema(request=NewGroupMapping, responses={201: GroupMappingShown, 202: AwaitingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """202: of a provider that is trusted, a second administrator confirms it."""
        kept = operations.map_group(actor=self.actor, at=timezone.now(), **self.validated(NewGroupMapping))
        if kept.awaits is not None:
            return made(awaiting(kept.awaits), kept)
        return self.respond(kept, 201, {"Location": f"/api/v1/group-mappings/{kept.pk}/"})

    @extend_schema(request=Nothing, responses=GroupMappingShown)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """The group means that no more; what it gave is taken back within minutes."""
        self.validated(Nothing)
        version = version_read(request)
        return self.respond(
            operations.end_mapping(self.get_object(), actor=self.actor, version=version, at=timezone.now())
        )
