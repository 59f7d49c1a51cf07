"""Categories and the priority matrix over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import operations, permissions
from incidents.incident.api.serializers import CategoryField
from incidents.incident.models import Category, Matrix
from incidents.incident.vocabulary import Priority
from itsm.accounts import scopes
from itsm.accounts.queues import rights_in_queues
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField, QueueField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_KEEP = Entry(permissions.keepers, scopes.CATALOG_WRITE)


class CategoryEditing(Strict):
    """What lies under it is renamed with it. `team`: the queue of new ones."""

    name = fields.Text(max_length=80, required=False)
    team = QueueField(required=False, allow_null=True)


class NewCategory(CategoryEditing):
    """`parent`: the path of what it lies under; none: the top."""

    name = fields.Text(max_length=80)
    parent = CategoryField(required=False, allow_null=True)  # type: ignore[assignment]


class CategoryShown(Shown):
    """A category. `team` is null also where the reader may not see that queue."""

    parent = CategoryField(read_only=True, allow_null=True)  # type: ignore[assignment]
    team = serializers.SerializerMethodField()

    class Meta:
        model = Category
        fields = ("id", "path", "name", "parent", "depth", "team", "retired_at", "version")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_team(self, category: Category) -> str | None:
        sees = rights_in_queues(self.context["view"].actor).sees(category.team_id)
        return category.team.slug if category.team is not None and sees else None


class CategoryViewSet(Readable):
    """What incidents are about, three levels deep."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        **dict.fromkeys(("create", "partial_update", "retire", "revive"), _KEEP),
    }
    serializer_class = CategoryShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Category]:
        return Category.objects.select_related("team", "parent").order_by()

    @extend_schema(request=NewCategory, responses={201: CategoryShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_category(actor=self.actor, **self.validated(NewCategory))
        return self.respond(made, 201, {"Location": f"/api/v1/categories/{made.pk}/"})

    @extend_schema(request=CategoryEditing, responses={200: CategoryShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(CategoryEditing)
        return self.respond(
            operations.edit_category(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Nothing, responses={200: CategoryShown}, operation_id="categories_retire")
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """It takes nothing new, nor does what lies under it."""
        self.validated(Nothing)
        return self.respond(operations.retire_category(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses={200: CategoryShown}, operation_id="categories_revive")
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, pk: str) -> Response:
        """It takes new incidents again."""
        self.validated(Nothing)
        return self.respond(operations.revive_category(self.get_object(), actor=self.actor))


class NewMatrix(Strict):
    """Nine priorities, by impact high, medium, low, and in each by urgency; `read`: the version that they replace."""

    cells = serializers.ListField(
        child=fields.Whole(min_value=min(Priority.values), max_value=max(Priority.values)), min_length=9, max_length=9
    )
    read = fields.VersionRead()


class MatrixShown(Shown):
    """One version; the highest holds."""

    by = PersonField(read_only=True, allow_null=True)
    cells = serializers.ListField(child=serializers.IntegerField())
    at = fields.Instant()

    class Meta:
        model = Matrix
        fields = ("version", "cells", "by", "at")


class MatrixViewSet(Readable):
    """The priority by impact and urgency, in versions. A new one touches no record."""

    policy: ClassVar = {
        "list": Entry(permissions.staff),
        "retrieve": Entry(permissions.staff),
        "create": _KEEP,
    }
    serializer_class = MatrixShown
    lookup_field = "version"
    lookup_value_regex = "[0-9]{1,9}"

    def visible_rows(self) -> QuerySet[Matrix]:
        return Matrix.objects.select_related("by").order_by()

    @extend_schema(request=NewMatrix, responses={201: MatrixShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said: dict[str, Any] = self.validated(NewMatrix)
        made = operations.renew_matrix(actor=self.actor, cells=said["cells"], version=said["read"])
        return self.respond(made, 201, {"Location": f"/api/v1/matrix/{made.version}/"})


def register(router: Router) -> None:
    router.register("categories", CategoryViewSet, basename="category")
    router.register("matrix", MatrixViewSet, basename="matrix")
