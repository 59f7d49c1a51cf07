"""Fields over REST: everybody who works here reads which there are, administrators change them."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.accounts.permissions import administrators, staff
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.fields import operations, owners, queries
from itsm.fields.models import Field, Narrowing, Option
from itsm.fields.vocabulary import Required, Type

_ANY: dict[str, Any] = {
    "oneOf": [
        {"type": "array", "items": {"type": "string"}}, {"type": "string"}, {"type": "integer"}, {"type": "boolean"},
    ]
}  # fmt: skip
_RULES: dict[str, Any] = {"type": "object", "additionalProperties": True}


@extend_schema_field(_ANY)
class ValueField(serializers.JSONField):
    """A value as REST takes it for this field."""


@extend_schema_field(_RULES)
class RulesField(serializers.JSONField):
    """Rules by name."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or len(data) > 20:
            raise serializers.ValidationError(_("Send an object: the name of each rule with its value."))
        return data


class OptionSent(Strict):
    key = fields.Text(max_length=40)
    label = fields.Text(max_length=120)  # type: ignore[assignment]


class FieldEditing(Strict):
    """`options`: all of them in their order; who is not named is retired. `kind`: text to long, whole to decimal."""

    kind = fields.Choice(source="type", choices=Type.choices, required=False)
    label = fields.Text(max_length=80, required=False)  # type: ignore[assignment]
    help = fields.Text(max_length=300, allow_blank=True, required=False)
    section = fields.Text(max_length=60, allow_blank=True, required=False)
    position = fields.Whole(min_value=0, max_value=32_000, required=False)
    required = fields.Choice(choices=Required.choices, required=False)  # type: ignore[assignment]
    recommended = fields.YesNo(required=False)
    requester_sees = fields.YesNo(required=False)
    requester_fills = fields.YesNo(required=False)
    personal = fields.YesNo(required=False)
    filterable = fields.YesNo(required=False)
    default = ValueField(allow_null=True, required=False)
    rules = RulesField(required=False)
    options = OptionSent(many=True, required=False)


class NewField(FieldEditing):
    """`key`: by which REST, CSV and filters name it for good."""

    owner = fields.Text(max_length=80, default=owners.first)
    key = fields.Text(max_length=40)
    kind = fields.Choice(source="type", choices=Type.choices)
    label = fields.Text(max_length=80)


class NarrowingSent(Strict):
    """What `owner` asks of a field that it inherits, all of it; what is left out is as inherited again."""

    owner = fields.Text(max_length=80)
    required = fields.Choice(choices=Required.choices, default=Required.NEVER.value)  # type: ignore[assignment]
    recommended = fields.YesNo(default=False)
    rules = RulesField(required=False)
    options = serializers.ListField(child=fields.Text(max_length=40), max_length=200, allow_null=True, required=False)


class NarrowingShown(Shown):
    """What a set that inherits the field makes tighter of it. `options`: who may still be chosen; null for all."""

    owner = serializers.CharField(source="set.owner")
    rules = RulesField()
    options = serializers.ListField(child=serializers.CharField(), allow_null=True)

    class Meta:
        model = Narrowing
        fields = ("owner", "required", "recommended", "rules", "options")


class OptionShown(Shown):
    """One to choose from. `retired`: it still reads, and is not chosen anew."""

    retired = serializers.SerializerMethodField()

    class Meta:
        model = Option
        fields = ("key", "label", "retired")

    def get_retired(self, option: Option) -> bool:
        return option.retired_at is not None


class FieldShown(Shown):
    """A typed field. Its values stand in `attributes` of each record, and are filtered by as `cf.<key>`.

    `personal`: they go when whose record it is is erased, and stand in no CSV file.
    """

    owner = serializers.CharField(source="set.owner")
    kind = fields.Choice(source="type", choices=Type.choices)
    default = ValueField(allow_null=True)
    rules = RulesField()
    options = OptionShown(many=True)
    narrowings = NarrowingShown(many=True)

    class Meta:
        model = Field
        fields = (
            "id", "owner", "key", "kind", "label", "help", "section", "position", "required", "recommended",
            "requester_sees", "requester_fills", "personal", "filterable", "default", "rules", "options", "narrowings",
            "retired_at", "purging_at", "version",
        )  # fmt: skip


class PurgeShown(serializers.Serializer[Any]):
    """What a purge would take away."""

    records = serializers.IntegerField(min_value=0)


class FieldViewSet(Readable):
    """The typed fields of records. Keyed by id; `?owner=incident` for those of one type of record."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(administrators, scopes.CATALOG_WRITE),
        "partial_update": Entry(administrators, scopes.CATALOG_WRITE),
        "narrow": Entry(administrators, scopes.CATALOG_WRITE),
        "retire": Entry(administrators, scopes.CATALOG_WRITE),
        "revive": Entry(administrators, scopes.CATALOG_WRITE),
        "purge": Entry(administrators),
        "begin_purge": Entry(administrators, scopes.CATALOG_WRITE),
    }
    serializer_class = FieldShown
    lookup_value_regex = "[0-9]{1,9}"

    def visible_rows(self) -> QuerySet[Field]:
        rows = Field.objects.select_related("set").prefetch_related("options", "narrowings__set")
        return rows.order_by("-id")

    @extend_schema(parameters=[OpenApiParameter("owner", str, description="the type of record, such as incident")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With `owner`, also those that it inherits."""
        refuse_unknown(request.query_params, ("owner",))
        rows: QuerySet[Any, Model] = self.get_queryset()
        if owner := request.query_params.get("owner", "")[:80]:
            owners.owner_of(owner)
            rows = rows.filter(set__in=queries.chain(owner))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=NewField, responses={201: FieldShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.add_field(actor=self.actor, **self.validated(NewField))
        return self.respond(made, 201, {"Location": f"/api/v1/fields/{made.pk}/"})

    @extend_schema(request=FieldEditing, responses={200: FieldShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(FieldEditing)
        field = operations.edit_field(self.get_object(), actor=self.actor, version=version_read(request), **said)
        return self._stands(field)

    def _stands(self, field: Field) -> Response:
        return self.respond(self.visible_rows().get(pk=field.pk))

    @extend_schema(request=NarrowingSent, responses={200: FieldShown})
    @action(detail=True, methods=["post"])
    def narrow(self, request: Request, pk: str) -> Response:
        """Make it tighter where it is inherited: never looser."""
        said = self.validated(NarrowingSent)
        return self._stands(
            operations.narrow_field(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Nothing, responses={200: FieldShown})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Hide it; its values are kept."""
        self.validated(Nothing)
        return self._stands(operations.retire(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses={200: FieldShown})
    @action(detail=True, methods=["post"])
    def revive(self, request: Request, pk: str) -> Response:
        """Bring a retired one back, with its values."""
        self.validated(Nothing)
        return self._stands(operations.revive(self.get_object(), actor=self.actor))

    @extend_schema(responses={200: PurgeShown}, operation_id="fields_purge_preview")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def purge(self, request: Request, pk: str) -> Response:
        """How many records would lose a value."""
        return Response({"records": queries.holding(self.get_object())})

    @extend_schema(request=Nothing, responses={202: FieldShown}, operation_id="fields_purge")
    @purge.mapping.post
    def begin_purge(self, request: Request, pk: str) -> Response:
        """Take a retired field and all its values away; it is done bit by bit, each record keeps an entry."""
        self.validated(Nothing)
        field = operations.purge(self.get_object(), actor=self.actor)
        return self.respond(self.visible_rows().get(pk=field.pk), 202)


def register(router: Router) -> None:
    router.register("fields", FieldViewSet, basename="field")
