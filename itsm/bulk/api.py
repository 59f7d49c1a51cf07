"""Bulk over REST, once for each kind of record: `incidents/bulk/`."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.viewsets import Rows
from itsm.bulk import operations, permissions, queries, working
from itsm.bulk.models import MOST, Bulk, BulkRow
from itsm.kernel.errors import InvalidInput
from itsm.kernel.references import number_in
from itsm.work import linkable
from itsm.work.action_field import ActionsField

_MOST_ID = 2**63 - 1
_SEND = Entry(permissions.senders, scopes.INCIDENTS_WRITE)


class BulkSending(Strict):
    """`references` (INC-00042) or `ids`, at most 1,000 of both together; `actions`, or the slug of a `macro`.

    `atomic`: all or none. Without it each record has a result of its own.
    """

    references = serializers.ListField(child=fields.Text(max_length=20), required=False)
    ids = serializers.ListField(child=fields.Whole(min_value=1, max_value=_MOST_ID), required=False)
    actions = ActionsField(required=False)
    macro = fields.Text(max_length=80, required=False)
    atomic = fields.YesNo(default=False)


class BulkRowShown(Shown):
    """What became of one record. `index`: its place among those that were sent, from 0."""

    index = serializers.IntegerField()
    reference = serializers.CharField()

    class Meta:
        model = BulkRow
        fields = ("index", "reference", "result", "code", "sentence")


class BulkShown(Shown):
    """Actions on many records, with the results so far. `first_refused`: the index that stopped an atomic one."""

    actions = ActionsField(read_only=True)
    total = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    undo_until = fields.Instant(read_only=True, allow_null=True)
    rows = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Bulk
        fields = (
            "id", "title", "state", "atomic", "actions", "macro", "total", "counts", "first_refused", "created_at",
            "finished_at", "undo_until", "rows", "url",
        )  # fmt: skip

    def get_total(self, bulk: Bulk) -> int:
        return len(self._rows(bulk))

    @extend_schema_field(
        {"type": "object", "properties": {name: {"type": "integer"} for name in BulkRow.Result.values}}
    )
    def get_counts(self, bulk: Bulk) -> dict[str, int]:
        results = [row.result for row in self._rows(bulk)]
        return {name: results.count(name) for name in BulkRow.Result.values}

    @extend_schema_field(BulkRowShown(many=True))
    def get_rows(self, bulk: Bulk) -> Any:
        return BulkRowShown(self._rows(bulk), many=True).data

    def _rows(self, bulk: Bulk) -> list[BulkRow]:
        """Read once for the whole answer."""
        if not hasattr(bulk, "shown_rows"):
            bulk.shown_rows = queries.referred(bulk, list(bulk.rows.order_by("index")))  # type: ignore[attr-defined]
        shown: list[BulkRow] = bulk.shown_rows  # type: ignore[attr-defined]
        return shown


class BulkViewSet(Rows):
    """The same actions on many records. Keyed by number; only who sent it finds it."""

    record_kind: ClassVar[str] = ""
    policy: ClassVar = {"create": _SEND, "retrieve": Entry(permissions.senders), "undo": _SEND}
    serializer_class = BulkShown
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Bulk]:
        return queries.visible_bulks(self.actor).filter(record_kind=self.record_kind)

    @extend_schema(request=BulkSending, responses={202: BulkShown})
    def create(self, request: Request) -> Response:
        """Send actions to many records: the first 50 are done when this answers, the rest soon after."""
        begun = self._begin(request)
        bulk = self._found(int(begun.made))  # type: ignore[attr-defined]
        answer = self.respond(working.work(bulk), begun.status_code, {"Location": f"{request.path}{bulk.pk}/"})
        if begun.has_header("Idempotent-Replayed"):
            answer["Idempotent-Replayed"] = "true"
        return answer

    create.is_repeatable = True  # type: ignore[attr-defined]  # by `_begin`, which ends before rows are done

    @idempotent()
    def _begin(self, request: Request) -> Response:
        """Keep what was sent, and claim its key, in one transaction."""
        said = self.validated(BulkSending)
        ids = [*self._numbers(said.get("references", [])), *said.get("ids", [])]
        bulk = operations.send(
            self.record_kind,
            actor=self.actor,
            ids=ids,
            todo=said.get("actions", []),
            macro=said.get("macro", ""),
            atomic=said["atomic"],
        )
        return self.respond(bulk, 202)

    def _numbers(self, references: list[str]) -> list[int]:
        """Raises InvalidInput naming what is no reference; whether there is such a record is each row's to say."""
        if len(references) > MOST:
            said = gettext("Send 1 to %(most)s records at once; these are %(count)s.")
            raise InvalidInput(said % {"most": MOST, "count": len(references)})
        prefix = linkable.prefix_of(self.record_kind)
        found = [(text, number_in(text.strip(), prefix)) for text in references]
        if wrong := [text for text, number in found if number is None]:
            words = gettext("No references of this kind: %(wrong)s.") % {"wrong": ", ".join(wrong[:5])}
            raise InvalidInput.about("references", words)
        return [number for _text, number in found if number is not None]

    @extend_schema(responses={200: BulkShown})
    def retrieve(self, request: Request, pk: str) -> Response:
        """How far it is, and what became of each record."""
        return self.respond(self._found(int(pk)))

    @extend_schema(request=Nothing, responses={202: BulkShown}, operation_id="bulk_undo")
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back, within 30 minutes, the edits of records that nobody has changed since; never steps or words."""
        bulk = self._found(int(pk))
        self.validated(Nothing)
        owed = operations.undo(bulk, actor=self.actor, at=timezone.now())
        return self.respond(working.work(owed), 202)

    def _found(self, pk: int) -> Bulk:
        return queries.bulk_named(self.actor, pk, self.record_kind)


def bulk_of(kind: str) -> type[BulkViewSet]:
    """The viewset of one kind of record."""
    return type(f"{kind.title()}BulkViewSet", (BulkViewSet,), {"record_kind": kind, "__doc__": BulkViewSet.__doc__})
