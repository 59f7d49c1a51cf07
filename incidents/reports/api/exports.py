"""The incidents as a file: CSV, or a JSON object a line."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import renderers
from rest_framework.request import Request

from incidents.incident.filters import IncidentFilter
from incidents.incident.models import Incident
from incidents.incident.queries import listed
from incidents.reports import permissions
from incidents.reports.operations import KINDS, export
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.kernel.actors import Actor
from itsm.ui.csv_answers import file_answer


class _Csv(renderers.BaseRenderer):
    """For refusals, which are JSON, to whoever asks for a table."""

    media_type, format, charset = KINDS["csv"], "csv", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return renderers.JSONRenderer().render(data)


class _Jsonl(_Csv):
    """The same for lines of JSON."""

    media_type, format = KINDS["jsonl"], "jsonl"


class IncidentExportViewSet(Rows):
    """Every incident that the filters of the list let through, not a page of them."""

    policy: ClassVar = {"retrieve": Entry(permissions.anyone)}
    filterset_class = IncidentFilter
    pagination_class = None
    form = "csv"

    def get_renderers(self) -> Any:
        return [_Csv(), _Jsonl(), renderers.JSONRenderer()]

    def visible_rows(self) -> QuerySet[Incident]:
        return listed(self.actor)

    @extend_schema(responses={(200, kind): OpenApiTypes.STR for kind in KINDS.values()})
    def retrieve(self, request: Request) -> StreamingHttpResponse:
        """Rights are read again every 2,000 rows. Two exports at a time; a third hears 503."""
        self._chosen(self.actor)  # refuses what it cannot read before anything is sent
        asked = request.query_params.dict()
        parts = export(self._chosen, actor=self.actor, form=self.form, asked=asked)
        return file_answer(f"incidents.{self.form}", KINDS[self.form], parts)

    def _chosen(self, actor: Actor) -> QuerySet[Incident]:
        return self.filter_queryset(listed(actor))
