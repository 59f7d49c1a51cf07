"""Imports over REST: files in, a run out, its progress and its report."""

from functools import cached_property
from typing import IO, Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.formats.csv_rows import ENCODINGS
from catalog.formats.documents import File
from catalog.formats.limits import LARGEST_TABLE
from catalog.formats.options import FORMATS, Column
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.models import Run, RunDocument
from catalog.reconciliation.queries import report
from catalog.reconciliation.queries.kept import told
from catalog.reconciliation.queries.listed import documents_of, run_by_reference
from catalog.reconciliation.queries.reading import options_of, read_files
from catalog.reconciliation.queries.runs import Counts, counted, visible_runs
from catalog.reconciliation.vocabulary import Kept
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.middleware import takes_files
from itsm.api.parsers import StrictJSON, loads
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.viewsets import Readable
from itsm.kernel.actors import Actor
from itsm.kernel.separators import SEPARATORS

_OVERHEAD = 200_000  # of a form around its files
_BOOLEANS = ("complete", "atomic", "dry_run", "keep_columns")


_NAME = 200  # letters of a file's name


class FilesForm(MultiPartParser):
    """A form with one or more `file` parts; its other parts read as JSON would send them."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """{field: value, files: [File]}"""
        parsed: Any = super().parse(stream, media_type, parser_context)
        sent: QueryDict = parsed.data
        said: dict[str, Any] = {name: sent.get(name, "") for name in sent}
        for name in _BOOLEANS:
            if said.get(name) in ("true", "false"):
                said[name] = said[name] == "true"
        if "columns" in said:
            said["columns"] = loads(str(said["columns"]).encode("utf-8", "surrogatepass"))
        files = [File(str(one.name)[:_NAME], one.read()) for one in parsed.files.getlist("file")]
        return {**said, "files": files} if files else said


@extend_schema_field(
    {
        "type": "object",
        "required": ["name", "text"],
        "properties": {"name": {"type": "string", "maxLength": _NAME}, "text": {"type": "string"}},
    }
)
class FileField(serializers.Field[File, Any, Any, Any]):
    """A file as {name, text}; in a form it is a part called `file`."""

    def to_internal_value(self, data: Any) -> File:
        if isinstance(data, File):
            return data
        texts = isinstance(data, dict) and all(isinstance(data.get(name), str) for name in ("name", "text"))
        if not texts or set(data) != {"name", "text"}:
            raise serializers.ValidationError(gettext("Send each file as its name and its text."))
        if len(data["name"]) > _NAME:
            raise serializers.ValidationError(gettext("A file's name has at most %(most)s letters.") % {"most": _NAME})
        return File(data["name"], data["text"].encode("utf-8", "surrogatepass"))


class ColumnSent(Strict):
    """`becomes`: key, class, name, status, owner, environment, description, field:<key>, identifier:<scheme>,
    relation:<type>, or nothing. `unit`: what bare numbers count. `empty`: what an empty cell means."""

    header = fields.Text(max_length=500)
    becomes = fields.Text(max_length=80, allow_blank=True)
    unit = fields.Text(max_length=10, allow_blank=True, default="")
    empty = fields.Choice(choices=[("leave", "leave"), ("clear", "clear")], default="leave")


class ImportSent(Strict):
    """`source`: its key, by default that of the format. `complete`: what it has no more is gone. `atomic`: all or
    nothing. `dry_run`: only to see. `columns`: of tables; by default as they were kept for the source, or as they
    seem. `keep_columns`: read the next table so, too."""

    format = fields.Choice(choices=[(one, one) for one in FORMATS])
    files = serializers.ListField(child=FileField(), min_length=1, max_length=2_000)
    source = fields.Text(max_length=63, allow_blank=True, default="")  # type: ignore[assignment]
    complete = fields.YesNo(default=False)
    atomic = fields.YesNo(default=False)
    dry_run = fields.YesNo(default=False)
    change = fields.Text(max_length=20, allow_blank=True, default="")
    cluster = fields.Text(max_length=63, allow_blank=True, default="")
    netbox_version = fields.Text(max_length=10, allow_blank=True, default="")
    endpoint = fields.Text(max_length=63, allow_blank=True, default="")
    class_slug = fields.Text(max_length=40, allow_blank=True, default="")
    delimiter = fields.Choice(choices=[(one, one) for one in SEPARATORS], allow_blank=True, default="")
    encoding = fields.Choice(choices=[(one, one) for one in ENCODINGS], allow_blank=True, default="")
    columns = ColumnSent(many=True, required=False)
    keep_columns = fields.YesNo(default=False)


class RefusedDocumentShown(serializers.Serializer[Any]):
    document = serializers.CharField()
    reason = serializers.CharField()


class ImportReportShown(serializers.Serializer[Any]):
    """What became of the documents so far; `relations`: claimed in them."""

    read = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = RefusedDocumentShown(many=True)
    relations = serializers.IntegerField()


class KeptShown(serializers.Serializer[Any]):
    """`what`: a relation, a share, or the members of a group. `text`: in words, with references; `why` nobody was let
    loosen it."""

    what = fields.Choice(choices=Kept.choices)
    text = serializers.CharField()
    why = serializers.CharField()


class ImportShown(Shown):
    """`total` documents, of which `through` are done. `dry_run`: it only looks. `kept`: what stays as strict as it was.
    What you may not know of is in none of it."""

    reference = serializers.CharField()
    source = serializers.CharField(source="source.slug")  # type: ignore[assignment]
    dry_run = serializers.BooleanField(source="dry")
    total = serializers.SerializerMethodField()
    through = serializers.SerializerMethodField()
    kept = serializers.SerializerMethodField()
    started_by = PersonField(read_only=True, allow_null=True)
    report = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Run
        fields = (
            "reference", "source", "state", "dry_run", "complete", "atomic", "total", "through", "problem", "change",
            "started_by", "created_at", "finished_at", "report", "kept", "url", "version",
        )  # fmt: skip

    change = serializers.CharField(source="change_reference")

    @extend_schema_field(ImportReportShown())
    def get_report(self, run: Run) -> Any:
        return report(run, self._reader, self._counts(run))

    def get_total(self, run: Run) -> int:
        return self._counts(run).total

    def get_through(self, run: Run) -> int:
        return self._counts(run).through

    @extend_schema_field(KeptShown(many=True))
    def get_kept(self, run: Run) -> Any:
        return [{"what": one.what, "text": one.text, "why": str(one.why)} for one in told(run, self._reader)]

    @property
    def _reader(self) -> Actor:
        actor: Actor = self.context["view"].actor
        return actor

    def _counts(self, run: Run) -> Counts:
        """Of all runs of a page at once."""
        if run.pk not in self._counted:
            shown = getattr(self.parent, "instance", None)
            self._counted.update(counted([run, *(shown if isinstance(shown, list) else ())], self._reader))
        return self._counted[run.pk]

    @cached_property
    def _counted(self) -> dict[int, Counts]:
        return {}


class ImportRow(Shown):
    """One document. `ci`: the item that it is about, where you may see it."""

    ci = serializers.SerializerMethodField()
    document = serializers.CharField(source="name")
    number = serializers.IntegerField(source="n")

    class Meta:
        model = RunDocument
        fields = ("number", "document", "outcome", "reason", "ci")

    def get_ci(self, row: RunDocument) -> str | None:
        return row.ci.reference if row.ci is not None else None


@takes_files
class ImportViewSet(Readable):
    """What other tools know of items, taken in. Keyed by reference (RUN-00042)."""

    policy: ClassVar = {
        "list": Entry(permissions.run_readers),
        "retrieve": Entry(permissions.run_readers),
        "documents": Entry(permissions.run_readers),
        "create": Entry(permissions.importers, scopes.CATALOG_WRITE),
        "cancel": Entry(permissions.importers, scopes.CATALOG_WRITE),
        "take_in": Entry(permissions.importers, scopes.CATALOG_WRITE),
    }
    serializer_class = ImportShown
    parser_classes = [StrictJSON, FilesForm]
    largest_body = LARGEST_TABLE + _OVERHEAD
    lookup_field = "reference"
    lookup_value_regex = "[A-Za-z]{3}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Run]:
        return visible_runs(self.actor).order_by()

    def get_object(self) -> Run:
        return run_by_reference(self.actor, self.kwargs["reference"])

    @extend_schema(
        request={"application/json": ImportSent, "multipart/form-data": ImportSent}, responses={201: ImportShown}
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        """Everything is judged before anything is taken in. A long import goes on by itself: look again."""
        said = self.validated(ImportSent)
        columns = [Column(**one) for one in said.pop("columns", [])]
        read = read_files(said["format"], said["files"], options_of({**said, "columns": columns}), said["source"])
        run = operations.plan_read(
            read, said["format"], said["source"], actor=self.actor, columns=columns if said["keep_columns"] else (),
            dry=said["dry_run"], complete=said["complete"], atomic=said["atomic"], change=said["change"],
        )  # fmt: skip
        return self._begun(run)

    @extend_schema(responses={200: ImportRow(many=True)}, operation_id="imports_documents")
    @action(detail=True, methods=["get"], filter_backends=[])
    def documents(self, request: Request, reference: str) -> Response:
        """What became of each document, in order."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(documents_of(self.get_object(), self.actor))
        return self.get_paginated_response(ImportRow(page, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=Nothing, responses={200: ImportShown})
    @action(detail=True, methods=["post"], parser_classes=[StrictJSON])
    def cancel(self, request: Request, reference: str) -> Response:
        """What is not taken in yet never is."""
        self.validated(Nothing)
        return self.respond(operations.cancel(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses={201: ImportShown})
    @action(detail=True, methods=["post"], url_path="take-in", parser_classes=[StrictJSON])
    @idempotent()
    def take_in(self, request: Request, reference: str) -> Response:
        """Take in what a dry run has seen, as a run of its own."""
        self.validated(Nothing)
        return self._begun(operations.take_in(self.get_object(), actor=self.actor))

    def _begun(self, run: Run) -> Response:
        begun = operations.begin(run, actor=self.actor)
        return self.respond(begun, 201, {"Location": f"/api/v1/imports/{run.reference}/"})
