"""Whose word goes first, and where words differ, over REST."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb.api.fields import ClassField, ItemField
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.filters import ConflictFilter
from catalog.reconciliation.models import Conflict, Precedence, Renewal, Source
from catalog.reconciliation.queries import listed
from catalog.reconciliation.vocabulary import EVERY_KEY
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable

_READ = Entry(permissions.run_readers)
_KEEP = Entry(permissions.source_keepers, scopes.CATALOG_WRITE)
_HOUR = timedelta(hours=1)


class ItemSourceEditing(Strict):
    """`rank`: the lower, the sooner believed. `silent_after_hours`: unseen for longer, it yields; null: never."""

    name = fields.Text(max_length=100, required=False)
    rank = fields.Whole(min_value=0, max_value=32_000, required=False)
    silent_after_hours = fields.Whole(min_value=1, max_value=100_000, allow_null=True, required=False)


class ItemSourceShown(Shown):
    """`things`: records that it has now. `renewed_per_cent`: how far its items are worked out anew, since its rank or a
    rule of it is another; null where they are."""

    silent_after_hours = serializers.SerializerMethodField()
    things = serializers.IntegerField()
    last_seen = fields.Instant(allow_null=True)
    renewed_per_cent = serializers.SerializerMethodField()

    class Meta:
        model = Source
        fields = (
            "slug",
            "name",
            "format",
            "rank",
            "silent_after_hours",
            "things",
            "last_seen",
            "renewed_per_cent",
            "version",
        )

    def get_renewed_per_cent(self, source: Source) -> int | None:
        owed: Renewal | None = getattr(source, "renewal", None)
        return None if owed is None or owed.ended_at is not None else owed.per_cent

    def get_silent_after_hours(self, source: Source) -> int | None:
        return None if source.silent_after is None else source.silent_after // _HOUR


class SourceViewSet(Readable):
    """Who says things about items, the first believed first. A source begins with its first import."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "partial_update": _KEEP}
    serializer_class = ItemSourceShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Source]:
        return listed.sources(self.actor).order_by()

    @extend_schema(request=ItemSourceEditing, responses={200: ItemSourceShown})
    def partial_update(self, request: Request, slug: str) -> Response:
        found, said = self.get_object(), self.validated(ItemSourceEditing)
        silent = found.silent_after
        if "silent_after_hours" in said:
            hours = said.pop("silent_after_hours")
            silent = None if hours is None else hours * _HOUR
        operations.edit_source(found, actor=self.actor, version=version_read(request), silent_after=silent, **said)
        return self.respond(self.get_object())


class SourceField(fields.Named):
    """A source by its key."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("slug_field", "slug")
        if not options.get("read_only"):
            options.setdefault("queryset", Source.objects.all())
        super().__init__(**options)


class NewPrecedence(Strict):
    """`key`: name, attributes.<key> and the like; * for every one."""

    source = SourceField()  # type: ignore[assignment]
    key = fields.Text(max_length=80, default=EVERY_KEY)
    rank = fields.Whole(min_value=0, max_value=32_000)


# `class` is a word of Python's own.
NewPrecedence._declared_fields["class"] = ClassField()


class PrecedenceShown(Shown):
    source = SourceField(read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Precedence
        fields = ("id", "class", "key", "source", "rank", "version")


PrecedenceShown._declared_fields["class"] = ClassField(source="ci_class", read_only=True)


class PrecedenceViewSet(Readable):
    """For a class and what inherits from it, a source has another rank; the most specific rule counts."""

    policy: ClassVar = {"list": _READ, "retrieve": _READ, "create": _KEEP, "destroy": _KEEP}
    serializer_class = PrecedenceShown
    lookup_value_regex = "[0-9]{1,15}"

    def visible_rows(self) -> QuerySet[Precedence]:
        return listed.precedence(self.actor).order_by()

    @extend_schema(request=NewPrecedence, responses={201: PrecedenceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        said = self.validated(NewPrecedence)
        rule = operations.set_precedence(said["class"], said["source"], said["rank"], actor=self.actor, key=said["key"])
        return self.respond(rule, 201, {"Location": f"/api/v1/precedence/{rule.pk}/"})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        operations.remove_precedence(self.get_object(), actor=self.actor)
        return Response(status=204)


class ConflictShown(Shown):
    """The record of this source says otherwise than what holds."""

    ci = ItemField(read_only=True)
    source = serializers.CharField(source="record.source.slug")  # type: ignore[assignment]
    record = serializers.CharField(source="record.key")
    holds = serializers.SerializerMethodField()
    says = serializers.SerializerMethodField()

    class Meta:
        model = Conflict
        fields = (
            "id", "ci", "key", "source", "record", "holds", "says", "state", "why", "first_seen", "last_seen",
            "version",
        )  # fmt: skip

    @extend_schema_field({"description": "what is true of the item"})
    def get_holds(self, conflict: Conflict) -> Any:
        return conflict.values.get("holds")

    @extend_schema_field({"description": "what the record says"})
    def get_says(self, conflict: Conflict) -> Any:
        return conflict.values.get("says")


class ConflictAcceptSent(Strict):
    why = fields.Text(max_length=500)


class ConflictSettleSent(Strict):
    """`take`: what people say from now on: what holds, or what the record says."""

    take = fields.Choice(choices=[("holds", "holds"), ("says", "says")])
    why = fields.Text(max_length=500, allow_blank=True, default="")


class ConflictViewSet(Readable):
    """Where sources differ on an item. What is open waits for a word."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "accept": Entry(permissions.importers, scopes.CATALOG_WRITE, over=permissions.conflict_settlers),
        "settle": Entry(permissions.importers, scopes.CATALOG_WRITE, over=permissions.conflict_settlers),
    }
    serializer_class = ConflictShown
    filterset_class = ConflictFilter
    lookup_value_regex = "[0-9]{1,15}"

    def visible_rows(self) -> QuerySet[Conflict]:
        return listed.conflicts(self.actor).order_by()

    @extend_schema(request=ConflictAcceptSent, responses={200: ConflictShown})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """That they differ is known and right, until one of them says something else."""
        found, why = self.get_object(), self.validated(ConflictAcceptSent)["why"]
        return self.respond(operations.accept(found, actor=self.actor, why=why, version=version_read(request)))

    @extend_schema(request=ConflictSettleSent, responses={200: ConflictShown})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """People say which is true."""
        said = self.validated(ConflictSettleSent)
        return self.respond(operations.settle(self.get_object(), said["take"], actor=self.actor, why=said["why"]))
