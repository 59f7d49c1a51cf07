"""A table of services over REST: text/csv in, a plan out."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.service_import.formats import MAX_BYTES
from catalog.service_import.operations import MAX_PROBLEMS, ImportPlan, import_services
from catalog.services import permissions
from catalog.services.models import Service
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.parsers import StrictJSON
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput

_YES_NO = (("true", "true"), ("false", "false"))


class CsvText(BaseParser):
    """{table: the text as it came}."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        text = bytes(stream.read(MAX_BYTES + 1))
        try:
            return {"table": text.decode("utf-8-sig")}
        except UnicodeDecodeError as error:
            raise ParseError(gettext("The table is not UTF-8 text.")) from error


class Asked(Strict):
    """The query of an import."""

    dry_run = fields.Choice(choices=_YES_NO, default="false")
    create_teams = fields.Choice(choices=_YES_NO, default="false")


class TableSent(Strict):
    """The table as a text, where the body is JSON; as text/csv the body is the table."""

    table = fields.Text(max_length=MAX_BYTES, trim_whitespace=False)


class PlannedRowShown(serializers.Serializer[Any]):
    """One row. `action`: create, update, waits (for a second person), unchanged, error."""

    line = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    action = serializers.CharField()
    changes = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    problems = serializers.ListField(child=serializers.CharField())


class ServiceImportShown(serializers.Serializer[Any]):
    """`written` is false after a problem anywhere and for a dry run."""

    written = serializers.BooleanField()
    rows = PlannedRowShown(many=True)
    problems = serializers.ListField(child=serializers.CharField())
    new_teams = serializers.ListField(child=serializers.CharField())


class ServiceImportViewSet(Rows):
    """Services from a table: all rows or none."""

    policy: ClassVar = {"create": Entry(permissions.service_authors, scopes.CATALOG_WRITE)}
    parser_classes = [StrictJSON, CsvText]
    serializer_class = ServiceImportShown

    def visible_rows(self) -> QuerySet[Service]:
        return Service.objects.none()

    def get_queryset(self) -> QuerySet[Service]:
        return self.visible_rows()

    @extend_schema(
        request={"application/json": TableSent, "text/csv": OpenApiTypes.ANY},
        parameters=[OpenApiParameter("dry_run", bool), OpenApiParameter("create_teams", bool)],
        responses={200: ServiceImportShown},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        """Columns name, slug, team, owner, tier, depends on, description; the same again changes nothing."""
        refuse_unknown(request.query_params, Asked().fields, whole=True)
        asked = Asked(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        flags = {name: said == "true" for name, said in asked.validated_data.items()}
        plan = import_services(self.validated(TableSent)["table"], actor=self.actor, **flags)
        if not plan.is_clean and not flags["dry_run"]:
            wrong = {f"line {row.line}": row.problems for row in plan.rows if row.problems}
            wrong |= {"table": plan.problems} if plan.problems else {}
            raise InvalidInput(gettext("Nothing was brought in: some lines have to be mended."), wrong)
        response = Response(ServiceImportShown(shape_of(plan)).data)
        response.made_nothing = not plan.written  # type: ignore[attr-defined]
        return response


def shape_of(plan: ImportPlan) -> dict[str, Any]:
    """For REST and the command."""
    rows = [
        {
            "line": row.line, "slug": row.slug, "name": row.name, "action": row.action, "changes": row.changes,
            "problems": row.problems[:MAX_PROBLEMS],
        }
        for row in plan.rows
    ]  # fmt: skip
    return {"written": plan.written, "rows": rows, "problems": plan.problems, "new_teams": plan.new_teams}


def register(router: Router) -> None:
    router.register("service-imports", ServiceImportViewSet, basename="service-import")
