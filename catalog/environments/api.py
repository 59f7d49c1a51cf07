"""Environments over REST, and the field by which other bodies name one."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments import operations, permissions, queries
from catalog.environments.models import MAX_LENGTH, Environment, name_shape
from catalog.environments.operations.words import MAX_ALIASES
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.approvals.api.viewsets import AwaitingShown, awaiting


@extend_schema_field(OpenApiTypes.STR)
class EnvironmentNameField(fields.Text):
    """The name of an environment of the register, or an alias of one; what is kept and answered is the name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, **options)

    def to_internal_value(self, data: Any) -> str:
        said = super().to_internal_value(data)
        try:
            return queries.looked_up(said)
        except queries.UnknownEnvironment as error:
            raise serializers.ValidationError(error.detail) from error


class EnvironmentEditing(Strict):
    aliases = serializers.ListField(child=fields.Text(max_length=MAX_LENGTH), max_length=MAX_ALIASES, required=False)
    description = fields.Text(max_length=200, allow_blank=True, required=False)
    is_production = fields.YesNo(required=False)
    position = fields.Whole(min_value=0, max_value=32_000, required=False)


class NewEnvironment(EnvironmentEditing):
    name = fields.Text(max_length=MAX_LENGTH, validators=[name_shape])


class EnvironmentShown(Shown):
    aliases = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Environment
        fields = ("name", "aliases", "description", "is_production", "position", "version")


class EnvironmentViewSet(Readable):
    """Where software runs. Keyed by name; everybody reads it, administrators and change managers keep it."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.environment_keepers, scopes.CATALOG_WRITE),
        "partial_update": Entry(permissions.environment_keepers, scopes.CATALOG_WRITE),
        "destroy": Entry(permissions.environment_keepers, scopes.CATALOG_WRITE),
    }
    serializer_class = EnvironmentShown
    lookup_field = "name"
    lookup_value_regex = "[a-z0-9-]{1,40}"

    def visible_rows(self) -> QuerySet[Environment]:
        return queries.environments().order_by()

    @extend_schema(request=NewEnvironment, responses={201: EnvironmentShown, 202: AwaitingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """202: it is there, and judged as production until a second person confirms that it is not."""
        made = operations.create_environment(actor=self.actor, **self.validated(NewEnvironment))
        if made.awaits is not None:
            return awaiting(made.awaits)
        return self.respond(made, 201, {"Location": f"/api/v1/environments/{made.name}/"})

    @extend_schema(request=EnvironmentEditing, responses={200: EnvironmentShown, 202: AwaitingShown})
    def partial_update(self, request: Request, name: str, **kwargs: Any) -> Response:
        changed = operations.edit_environment(
            self.get_object(), actor=self.actor, version=version_read(request), **self.validated(EnvironmentEditing)
        )
        if changed.awaits is not None:
            return awaiting(changed.awaits)
        return self.respond(self.visible_rows().get(pk=changed.pk))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, name: str) -> Response:
        """Take out what nothing stands in; 409 names what does."""
        operations.remove_environment(self.get_object(), actor=self.actor, version=version_read(request))
        return Response(status=204)


def register(router: Router) -> None:
    router.register("environments", EnvironmentViewSet, basename="environment")
