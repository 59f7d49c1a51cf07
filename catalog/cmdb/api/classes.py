"""Classes and types of relations over REST. The fields of a class: `/api/v1/fields/?owner=ci:<class>`."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb import operations, permissions
from catalog.cmdb.api.fields import ClassField
from catalog.cmdb.models import CIClass, RelationType
from catalog.cmdb.models.classes import slug_shape
from catalog.cmdb.vocabulary import Flow, Grouping, Strength
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_READ = Entry(permissions.item_readers)
_KEEP = Entry(permissions.class_keepers, scopes.CATALOG_WRITE)


class ClassEditing(Strict):
    """`schemes`: by which identifiers two records are one item, the strongest first; null inherits."""

    name = fields.Text(max_length=80, required=False)
    description = fields.Text(max_length=300, allow_blank=True, required=False)
    icon = fields.Text(max_length=40, allow_blank=True, required=False)
    abstract = fields.YesNo(required=False)
    schemes = serializers.ListField(child=fields.Text(max_length=80), max_length=20, allow_null=True, required=False)


class NewClass(ClassEditing):
    slug = fields.Text(max_length=40, validators=[slug_shape])
    name = fields.Text(max_length=80)
    parent = ClassField(required=False, allow_null=True)  # type: ignore[assignment]


class ClassShown(Shown):
    """`owner`: of its typed fields."""

    parent = ClassField(read_only=True)  # type: ignore[assignment]
    owner = serializers.CharField()
    schemes = serializers.ListField(child=serializers.CharField(), allow_null=True)

    class Meta:
        model = CIClass
        fields = (
            "slug", "parent", "name", "description", "icon", "abstract", "built_in", "schemes", "owner", "retired_at",
            "version",
        )  # fmt: skip


class CIClassViewSet(Readable):
    """The classes of items, keyed by key."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _KEEP, "partial_update": _KEEP, "retire": _KEEP,
    }  # fmt: skip
    serializer_class = ClassShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z][a-z0-9_]{0,39}"

    def visible_rows(self) -> QuerySet[CIClass]:
        return CIClass.objects.select_related("parent").order_by()

    @extend_schema(request=NewClass, responses={201: ClassShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_class(actor=self.actor, **self.validated(NewClass))
        return self.respond(made, 201, {"Location": f"/api/v1/ci-classes/{made.slug}/"})

    @extend_schema(request=ClassEditing, responses={200: ClassShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        said = self.validated(ClassEditing)
        return self.respond(
            operations.edit_class(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Nothing, responses={200: ClassShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It takes no new items."""
        self.validated(Nothing)
        return self.respond(operations.retire_class(self.get_object(), actor=self.actor))


class TypeEditing(Strict):
    reading = fields.Text(max_length=60, required=False)
    reverse = fields.Text(max_length=60, required=False)
    source_classes = serializers.ListField(child=ClassField(), max_length=50, required=False)
    target_classes = serializers.ListField(child=ClassField(), max_length=50, required=False)

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value(data)
        ids = {name: [one.pk for one in said[name]] for name in ("source_classes", "target_classes") if name in said}
        return {**said, **ids}


class NewType(TypeEditing):
    """`flows`: which end feels the other's failure. What it means to impact never changes."""

    slug = fields.Text(max_length=40, validators=[slug_shape])
    reading = fields.Text(max_length=60)
    reverse = fields.Text(max_length=60)
    flows = fields.Choice(choices=Flow.choices, default=Flow.NONE.value)
    strength = fields.Choice(choices=Strength.choices, default=Strength.HARD.value)
    grouping = fields.Choice(choices=Grouping.choices, default=Grouping.NONE.value)


class TypeShown(Shown):
    """`source_classes`, `target_classes`: keys of what it joins; empty means any."""

    source_classes = serializers.SerializerMethodField()
    target_classes = serializers.SerializerMethodField()

    class Meta:
        model = RelationType
        fields = (
            "slug", "reading", "reverse", "flows", "strength", "grouping", "source_classes", "target_classes",
            "built_in", "retired_at", "version",
        )  # fmt: skip

    def get_source_classes(self, type_: RelationType) -> list[str]:
        return self._slugs(type_.source_classes)

    def get_target_classes(self, type_: RelationType) -> list[str]:
        return self._slugs(type_.target_classes)

    def _slugs(self, ids: list[int]) -> list[str]:
        context: Any = self.context
        if ids and "slugs of classes" not in context:
            context["slugs of classes"] = dict(CIClass.objects.values_list("pk", "slug"))
        return [context["slugs of classes"][one] for one in ids]


class RelationTypeViewSet(Readable):
    """The types of relations, keyed by key."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _KEEP, "partial_update": _KEEP, "retire": _KEEP,
    }  # fmt: skip
    serializer_class = TypeShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z][a-z0-9_]{0,39}"

    def visible_rows(self) -> QuerySet[RelationType]:
        return RelationType.objects.order_by()

    @extend_schema(request=NewType, responses={201: TypeShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_relation_type(actor=self.actor, **self.validated(NewType))
        return self.respond(made, 201, {"Location": f"/api/v1/relation-types/{made.slug}/"})

    @extend_schema(request=TypeEditing, responses={200: TypeShown})
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        said = self.validated(TypeEditing)
        return self.respond(
            operations.edit_relation_type(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Nothing, responses={200: TypeShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """No new relations of it."""
        self.validated(Nothing)
        return self.respond(operations.retire_relation_type(self.get_object(), actor=self.actor))
