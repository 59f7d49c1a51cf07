"""Items in bulk over REST: up to 500 documents of a source, a result for each."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb.vocabulary import Status
from catalog.formats.documents import Claimed, Document, Read
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.api.imports import ImportRow
from catalog.reconciliation.models import Run
from catalog.reconciliation.queries.listed import documents_of
from catalog.reconciliation.queries.runs import visible_runs
from catalog.reconciliation.vocabulary import BATCH, Direction, Format, RunState
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows, made
from itsm.fields.attributes import AttributesField


class ClaimedRelationSent(Strict):
    """`direction`: "out", the document is the source of the relation. `by`: the scheme of which `target` is a value;
    by default the key of another document of this source. An unknown target waits."""

    type = fields.Text(max_length=40)
    direction = fields.Choice(choices=Direction.choices, default=Direction.OUT.value)
    target = fields.Text(max_length=500)
    by = fields.Text(max_length=80, default="key")


class SourceDocumentSent(Strict):
    """One item as the source has it. `key`: the source's own, the same every time. What is left out is not said."""

    key = fields.Text(max_length=500)
    name = fields.Text(max_length=200)
    identifiers = serializers.DictField(child=fields.Text(max_length=500), required=False)
    attributes = AttributesField(required=False)
    relations = ClaimedRelationSent(many=True, required=False)
    observed_at = fields.Instant(required=False, allow_null=True)
    status = fields.Choice(choices=Status.choices, required=False)
    owner = fields.Text(max_length=100, required=False)
    environment = fields.Text(max_length=40, required=False)
    description = fields.Text(max_length=4000, required=False)


# `class` is a word of Python's own.
SourceDocumentSent._declared_fields["class"] = fields.Text(max_length=40)


class BulkItemsSent(Strict):
    """`complete`: these are all that the source has; what it had and is not named is gone."""

    source = fields.Text(max_length=63, default="", allow_blank=True)  # type: ignore[assignment]
    complete = fields.YesNo(default=False)
    atomic = fields.YesNo(default=False)
    dry_run = fields.YesNo(default=False)
    change = fields.Text(max_length=20, allow_blank=True, default="")
    documents = serializers.ListField(child=SourceDocumentSent(), min_length=1, max_length=BATCH)


class BulkItemsShown(serializers.Serializer[Any]):
    """`results`: one for each document, in their order. `import`: where the run is read again."""

    state = fields.Choice(choices=RunState.choices)
    results = ImportRow(many=True)


BulkItemsShown._declared_fields["import"] = serializers.CharField(source="reference")


class BulkViewSet(Rows):
    """What a source has, sent by itself."""

    policy: ClassVar = {"create": Entry(permissions.importers, scopes.CATALOG_WRITE)}
    serializer_class = ImportRow

    def visible_rows(self) -> QuerySet[Run]:
        return visible_runs(self.actor).order_by()

    def respond(self, record: Run, status: int = 200, headers: Any = None) -> Response:
        rows = documents_of(record, self.actor)
        shown = BulkItemsShown(
            {"reference": record.reference, "state": record.state, "results": rows},
            context=self.get_serializer_context(),
        )
        return made(Response(shown.data, status=status, headers=dict(headers or {})), record)

    @extend_schema(request=BulkItemsSent, responses={200: BulkItemsShown}, operation_id="cis_bulk")
    @idempotent()
    def create(self, request: Request) -> Response:
        """Create, change and leave items as these documents say. The same again changes nothing."""
        said = self.validated(BulkItemsSent)
        documents = [_document(one) for one in said["documents"]]
        run = operations.plan_read(
            Read(documents=documents, count=len(documents)), Format.BULK, said["source"], actor=self.actor,
            dry=said["dry_run"], complete=said["complete"], atomic=said["atomic"], change=said["change"],
        )  # fmt: skip
        return self.respond(operations.finish(run, actor=self.actor))


def _document(said: dict[str, Any]) -> Document:
    relations = [Claimed(one["type"], one["direction"], one["target"], one["by"]) for one in said.get("relations", ())]
    named = ("identifiers", "attributes", "observed_at", "status", "owner", "environment", "description")
    return Document(
        key=said["key"], class_slug=said["class"], name=said["name"], relations=relations,
        **{name: said[name] for name in named if name in said},
    )  # fmt: skip
