"""Relations and groups over REST."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb import operations, permissions
from catalog.cmdb.api.fields import ItemField, TypeField
from catalog.cmdb.api.serializers import NewRelation, Originating
from catalog.cmdb.filters import of_item
from catalog.cmdb.models import Group, Relation
from catalog.cmdb.queries.items import visible_items
from catalog.cmdb.queries.relations import visible_relations
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


class RelationShown(Shown):
    """`strength`: as it holds, its type's where it has none of its own."""

    source = ItemField(read_only=True)  # type: ignore[assignment]
    target = ItemField(read_only=True)
    type = TypeField(read_only=True)
    strength = serializers.SerializerMethodField()
    group = serializers.SerializerMethodField()
    change = serializers.SerializerMethodField()

    class Meta:
        model = Relation
        fields = (
            "id", "source", "target", "type", "strength", "group", "data_source", "change", "first_seen", "last_seen",
            "ended_at", "version",
        )  # fmt: skip

    def get_strength(self, relation: Relation) -> str:
        return relation.strength or relation.type.strength

    def get_group(self, relation: Relation) -> int | None:
        return relation.group_id

    def get_change(self, relation: Relation) -> str | None:
        return relation.change_reference or None


class RelationFilter(Listed):
    """`ci`: either end. Those that hold, unless `ended` is true."""

    ci = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=20)
    type = django_filters.CharFilter(field_name="type__slug", max_length=40)
    ended = django_filters.BooleanFilter(method="over")

    class Meta:
        model = Relation
        fields = ("ci", "type", "ended")

    def of_item(self, relations: QuerySet[Relation], name: str, value: str) -> QuerySet[Relation]:
        return of_item(self, relations, name, value, "source", "target")

    def over(self, relations: QuerySet[Relation], name: str, value: bool) -> QuerySet[Relation]:
        return relations.filter(ended_at__isnull=not value)


class RelationViewSet(Readable):
    """How items are related. A relation begins and ends; it is not edited."""

    policy: ClassVar = {
        "list": Entry(permissions.item_readers),
        "retrieve": Entry(permissions.item_readers),
        "create": Entry(permissions.item_authors, scopes.CATALOG_WRITE),
        "end": Entry(permissions.item_authors, scopes.CATALOG_WRITE, over=permissions.relation_editors),
    }
    serializer_class = RelationShown
    filterset_class = RelationFilter
    lookup_value_regex = "[0-9]{1,15}"

    def visible_rows(self) -> QuerySet[Relation]:
        return visible_relations(self.actor).select_related("source", "target", "type")

    @extend_schema(request=NewRelation, responses={201: RelationShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewRelation)
        made = operations.relate(said.pop("source"), said.pop("target"), said.pop("type"), actor=self.actor, **said)
        return self.respond(made, 201, {"Location": f"/api/v1/relations/{made.pk}/"})

    @extend_schema(request=Originating, responses={200: RelationShown})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """It holds no longer."""
        said = self.validated(Originating)
        ended = operations.end_relation(
            self.get_object(), actor=self.actor, version=version_read(request), origin=said["origin"]
        )
        return self.respond(ended)


class GroupShown(Shown):
    consumer = ItemField(read_only=True)

    class Meta:
        model = Group
        fields = ("id", "consumer", "name", "needs", "needs_share", "whole_below", "version")


class GroupEditing(Strict):
    """`needs` of its members, or `needs_share` per cent of them: giving one takes the other away."""

    needs = fields.Whole(min_value=1, max_value=10_000, required=False)
    needs_share = fields.Whole(min_value=1, max_value=100, required=False)
    whole_below = fields.Whole(min_value=1, max_value=10_000, required=False, allow_null=True)


class GroupFilter(Listed):
    ci = django_filters.CharFilter(method="of_item", label=_("Item"), max_length=20)

    class Meta:
        model = Group
        fields = ("ci",)

    def of_item(self, groups: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        return of_item(self, groups, name, value, "consumer")


class GroupViewSet(Readable):
    """Of what several are enough for one item. Relations join a group as they begin."""

    policy: ClassVar = {
        "list": Entry(permissions.item_readers),
        "retrieve": Entry(permissions.item_readers),
        "partial_update": Entry(permissions.item_authors, scopes.CATALOG_WRITE, over=permissions.group_editors),
    }
    serializer_class = GroupShown
    filterset_class = GroupFilter
    lookup_value_regex = "[0-9]{1,15}"

    def visible_rows(self) -> QuerySet[Group]:
        return Group.objects.filter(consumer__in=visible_items(self.actor)).select_related("consumer")

    @extend_schema(request=GroupEditing, responses={200: GroupShown})
    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        said = self.validated(GroupEditing)
        return self.respond(
            operations.edit_group(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )
