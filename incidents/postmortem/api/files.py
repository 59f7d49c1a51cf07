"""A postmortem as a file: Markdown, or PDF for people without an account here."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import renderers
from rest_framework.request import Request

from incidents.postmortem import queries
from incidents.postmortem.api.serializers import PostmortemShown
from incidents.postmortem.api.together import READ
from incidents.postmortem.models import Postmortem
from itsm.api.filters import refuse_unknown
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput, NotFound


class _Markdown(renderers.BaseRenderer):
    """For refusals, which are JSON, to whoever asks for a text."""

    media_type, format, charset = "text/markdown", "md", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return renderers.JSONRenderer().render(data)


class _Pdf(_Markdown):
    """The same on paper."""

    media_type, format = "application/pdf", "pdf"


_VERSION = OpenApiParameter("version", int, description="A published version; without it as it stands now.")


class PostmortemFileViewSet(Rows):
    """A postmortem to keep outside of here. `form`: `md` or `pdf`, by its address."""

    policy: ClassVar = {"retrieve": READ}
    serializer_class = PostmortemShown
    form = "md"

    def visible_rows(self) -> QuerySet[Postmortem]:
        return queries.listed(self.actor)

    def get_object(self) -> Postmortem:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def get_renderers(self) -> Any:
        return [_Markdown() if self.form == "md" else _Pdf(), renderers.JSONRenderer()]

    @extend_schema(
        parameters=[_VERSION],
        responses={(200, "text/markdown"): OpenApiTypes.STR, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, number: str) -> HttpResponse:
        """The whole of it, in the reader's language, or a version as it was published."""
        refuse_unknown(request.query_params, ("version",))
        postmortem = self.get_object()
        return HttpResponse(**queries.as_file(postmortem, _text(postmortem, request, self.actor), self.form))


def _text(postmortem: Postmortem, request: Request, actor: Any) -> str:
    wanted = request.query_params.get("version", "")
    if not wanted:
        return queries.as_markdown(queries.facts_of(postmortem, actor))
    if not (wanted.isdecimal() and wanted.isascii() and len(wanted) < 10):
        raise InvalidInput.about("version", gettext("Send the number of a version."))
    version = queries.version_of(postmortem, int(wanted))
    if version is None:
        raise NotFound(gettext("There is no such version."))
    return queries.text_of(version)
