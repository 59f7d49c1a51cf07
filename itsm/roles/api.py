"""Own roles over REST, and the named rights of which they are made."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.models import OwnRole, Role
from itsm.accounts.named_rights import named_rights
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable, made
from itsm.approvals.api.viewsets import AwaitingShown, awaiting
from itsm.roles import operations, permissions, queries

_READ = Entry(permissions.readers)
_WRITE = Entry(permissions.keepers, scopes.PEOPLE_WRITE)
_MAX_RIGHTS = 200


class RoleEditing(Strict):
    """`rights`: all of them, by name (`/api/v1/roles/rights/`); what they include comes with them."""

    name = fields.Text(max_length=operations.MAX_NAME, required=False)
    description = fields.Text(max_length=operations.MAX_DESCRIPTION, allow_blank=True, required=False)
    rights = serializers.ListField(child=fields.Text(max_length=63), required=False, max_length=_MAX_RIGHTS)


class NewRole(RoleEditing):
    """`slug`: made of the name where none is said; it is kept for good."""

    name = fields.Text(max_length=operations.MAX_NAME)
    slug = fields.Text(validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]{0,62}\Z")], required=False)
    rights = serializers.ListField(child=fields.Text(max_length=63), max_length=_MAX_RIGHTS)


class TryingRole(Strict):
    rights = serializers.ListField(child=fields.Text(max_length=63), max_length=_MAX_RIGHTS)


class OwnRoleShown(Shown):
    """A role that this desk made itself. A retired one gives nothing."""

    retired_at = fields.Instant(allow_null=True)
    rights = serializers.ListField(child=serializers.CharField())
    holders = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = OwnRole
        fields = ("slug", "name", "description", "rights", "holders", "retired_at", "version", "page")

    def get_holders(self, role: OwnRole) -> int:
        """How many active accounts hold it."""
        return self.context["view"].numbers.get(role.slug, 0) if "view" in self.context else 0


class NamedRightShown(serializers.Serializer[Any]):
    """One right. `includes`: what comes with it; `built_in`: built-in roles that may the same."""

    name = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    includes = serializers.ListField(child=serializers.CharField())
    built_in = serializers.ListField(child=fields.Choice(choices=Role.choices))


class TouchedShown(serializers.Serializer[Any]):
    """One account to whom it would make a difference."""

    login = serializers.CharField()
    gains = serializers.ListField(child=serializers.CharField())
    loses = serializers.ListField(child=serializers.CharField())


class RoleViewSet(Readable):
    """Roles that this desk made itself, of named rights. Keyed by slug."""

    policy: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "rights"), _READ),
        "preview": Entry(permissions.readers, scopes.PEOPLE_WRITE),
        **dict.fromkeys(("create", "partial_update", "retire"), _WRITE),
    }
    serializer_class = OwnRoleShown
    lookup_field = "slug"
    lookup_value_regex = "[A-Za-z0-9_-]{1,63}"

    @property
    def numbers(self) -> dict[str, int]:
        """How many hold which, read once in a request."""
        if not hasattr(self, "_numbers"):
            self._numbers = queries.numbers_of_holders()
        return self._numbers

    def visible_rows(self) -> QuerySet[OwnRole]:
        return OwnRole.objects.order_by()

    @extend_schema(request=NewRole, responses={201: OwnRoleShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """A role that nobody holds yet; people are given it by `own_roles` of `/api/v1/people/{login}/`."""
        kept = operations.make_role(actor=self.actor, at=timezone.now(), **self.validated(NewRole))
        return self.respond(kept, 201, {"Location": f"/api/v1/roles/{kept.slug}/"})

    @extend_schema(request=RoleEditing, responses={200: OwnRoleShown, 202: AwaitingShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        """What is taken away holds at once. 202: what is added waits for a second administrator."""
        said = self.validated(RoleEditing)
        kept = operations.edit_role(
            self.get_object(), actor=self.actor, at=timezone.now(), version=version_read(request), **said
        )
        return self.respond(kept) if kept.awaits is None else made(awaiting(kept.awaits), kept)

    @extend_schema(request=Nothing, responses=OwnRoleShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It gives nobody anything any more, at once and for good."""
        self.validated(Nothing)
        return self.respond(
            operations.retire_role(
                self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
            )
        )

    @extend_schema(request=TryingRole, responses=TouchedShown(many=True), operation_id="roles_preview")
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def preview(self, request: Request, slug: str) -> Response:
        """Who would gain and lose what with these rights. Changes nothing."""
        rights = operations.checked_rights(self.validated(TryingRole)["rights"])
        found = queries.who_is_touched(self.get_object(), rights)
        rows = [
            {
                "login": one.person.username,
                "gains": [right.name for right in one.gains],
                "loses": [right.name for right in one.loses],
            }
            for one in found
        ]
        return Response(TouchedShown(rows, many=True).data)

    @extend_schema(responses=NamedRightShown(many=True), operation_id="roles_rights")
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None)
    def rights(self, request: Request) -> Response:
        """Every right that an own role can hold, and which built-in roles may the same."""
        held = queries.held_by_built_in()
        rows = [
            {
                "name": name,
                "title": str(one.title),
                "group": one.group,
                "includes": sorted(one.includes),
                "built_in": [role.value for role in Role if role.value in held[name]],
            }
            for name, one in named_rights().items()
        ]
        return Response(NamedRightShown(rows, many=True).data)


def register(router: Router) -> None:
    router.register("roles", RoleViewSet, basename="role")
