"""OpenSLO over REST: what is declared in files, and the same as files again.

    curl -H "Authorization: Bearer …" -H "Content-Type: application/yaml" --data-binary @slos.yaml \\
         "https://…/api/v1/openslo/?mode=lenient&set=shop&prune=true"
"""

from typing import IO, Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, parsers, renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.services.queries import visible_services
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.middleware import takes_files
from itsm.api.parsers import TooLarge
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.slugs import slug_shape
from slo.objectives import permissions
from slo.openslo import operations
from slo.openslo.formats import Finding
from slo.openslo.formats.reading import BOUNDS, json_problem
from slo.openslo.formats.writing import json_of, yaml_of
from slo.openslo.operations.applying import MAX_IN_A_REQUEST, USUAL_SET
from slo.openslo.operations.outcome import Outcome
from slo.openslo.queries import exported

_YES_NO = (("true", "true"), ("false", "false"))
_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "application/json")


class _Text(parsers.BaseParser):
    """{text: the bytes as they are, query}. What is wrong with the text is a finding, not a refusal.

    Both together are what an Idempotency-Key stands for.
    """

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        text = stream.read(BOUNDS.largest + 1)
        if len(text) > BOUNDS.largest:
            raise TooLarge
        return {"text": text, "query": parser_context["request"].META.get("QUERY_STRING", "")}


PARSERS = [type("OpenSloParser", (_Text,), {"media_type": one}) for one in _TYPES]


class YamlRenderer(renderers.BaseRenderer):
    """YAML documents; a problem stays JSON."""

    media_type, format, charset = "application/yaml", "yaml", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        if isinstance(data, list):
            return (yaml_of(data) or "\n").encode()  # an answer without any byte would lose its type
        return renderers.JSONRenderer().render(data)


class ExactJSONRenderer(renderers.JSONRenderer):
    """A list of documents with exact numbers."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        if isinstance(data, list):
            return json_of(data).encode()
        return super().render(data, accepted_media_type, renderer_context)


class Asked(Strict):
    """The query of an import."""

    mode = fields.Choice(choices=(("strict", "strict"), ("lenient", "lenient")), default="strict")
    set = fields.Text(max_length=63, validators=[slug_shape], default=USUAL_SET)
    prune = fields.Choice(choices=_YES_NO, default="false")
    adopt = fields.Choice(choices=_YES_NO, default="false")
    dry_run = fields.Choice(choices=_YES_NO, default="false")
    source = fields.Text(max_length=63, allow_blank=True, default="")  # type: ignore[assignment]
    create_services = fields.Choice(choices=_YES_NO, default="false")
    team = fields.Text(max_length=63, allow_blank=True, default="")


class FindingShown(serializers.Serializer[Finding]):
    """`document` is file#place from 0, `path` like spec.objectives[0].op, `rule` a stable code."""

    document = serializers.CharField()
    path = serializers.CharField()
    rule = serializers.CharField()
    message = serializers.CharField()


class OutcomeShown(serializers.Serializer[Outcome]):
    """Slugs of services, data sources and objectives; `changes` says what became of each, indicators too.

    Of findings the first 200 are listed; the counts say how many there are.
    """

    created = serializers.SerializerMethodField()
    updated = serializers.SerializerMethodField()
    unchanged = serializers.SerializerMethodField()
    pruned = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    warnings = FindingShown(many=True, source="first_warnings")
    warning_count = serializers.SerializerMethodField()
    errors = FindingShown(many=True, source="first_errors")  # type: ignore[assignment]
    error_count = serializers.SerializerMethodField()
    written = serializers.BooleanField()

    def get_warning_count(self, outcome: Outcome) -> int:
        return len(outcome.warnings)

    def get_error_count(self, outcome: Outcome) -> int:
        return len(outcome.errors)

    def get_created(self, outcome: Outcome) -> list[str]:
        return outcome.slugs("created")

    def get_updated(self, outcome: Outcome) -> list[str]:
        return outcome.slugs("updated")

    def get_unchanged(self, outcome: Outcome) -> list[str]:
        return outcome.slugs("unchanged")

    def get_pruned(self, outcome: Outcome) -> list[str]:
        return outcome.slugs("pruned")

    def get_waiting(self, outcome: Outcome) -> list[str]:
        """What a second person confirms first."""
        return outcome.slugs("waits")

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_changes(self, outcome: Outcome) -> list[dict[str, Any]]:
        """What is not unchanged: {kind, slug, action, fields: {name: [old, new]}}."""
        return [
            {"kind": one.kind, "slug": one.slug, "action": one.action}
            | {"fields": {name: list(words) for name, words in one.fields.items()}}
            for one in outcome.changes
            if one.action != "unchanged"
        ]


_DOCUMENTS = {"type": "object", "additionalProperties": {}}  # a list of them
_FLAGS = ("prune", "adopt", "dry_run", "create_services")
_ASKED = [
    OpenApiParameter("source", OpenApiTypes.STR, description="The data source of queries that name none."),
    OpenApiParameter("team", OpenApiTypes.STR, description="Who owns the services that create_services makes."),
    OpenApiParameter("mode", OpenApiTypes.STR, enum=["strict", "lenient"], default="strict"),
    OpenApiParameter("set", OpenApiTypes.STR, default=USUAL_SET),
    *(OpenApiParameter(name, OpenApiTypes.STR, enum=["true", "false"], default="false") for name in _FLAGS),
]
_SERVICE = OpenApiParameter("service", OpenApiTypes.STR, description="The slug of a service; all without it.")


def _is_json(request: Request) -> bool:
    return (request.content_type or "").split(";")[0].strip().lower() == "application/json"


@takes_files
class OpenSloViewSet(Rows):
    """Objectives as OpenSLO v1 documents, in YAML or JSON."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "create": Entry(permissions.authors, scopes.SLO_WRITE),
    }
    serializer_class = OutcomeShown
    parser_classes = PARSERS
    pagination_class = None
    filter_backends = ()

    def get_renderers(self) -> Any:
        if getattr(self, "action", None) == "list":
            return [YamlRenderer(), ExactJSONRenderer()]
        return [renderers.JSONRenderer()]

    @extend_schema(
        parameters=[_SERVICE],
        responses={(200, "application/yaml"): OpenApiTypes.STR, (200, "application/json"): _DOCUMENTS},
    )
    def list(self, request: Request) -> Response:
        """Objectives in force with their indicators, services and data sources. Importing this changes nothing."""
        refuse_unknown(request.query_params, ("service",), whole=True)
        wanted = request.query_params.get("service") or None
        if wanted and not visible_services(self.actor).filter(slug=wanted.replace("\0", " ")).exists():
            raise NotFound(gettext("There is no service of this name in the catalog."))
        return Response(exported(self.actor, wanted))

    @extend_schema(parameters=_ASKED, request=dict.fromkeys(_TYPES, OpenApiTypes.ANY), responses={200: OutcomeShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Make objectives be as the documents say. All or nothing: with any error nothing is written.

        The answer is 200 all the same, and `errors` says what is wrong in which document. `dry_run=true`
        lists what would change; what is larger than one answer can look through is refused. `source` is asked
        where the documents name no data source; `create_services=true` makes the services that the catalog lacks
        (owned by `team`, by the team that a label `owner` or `team` names, or by the caller's only one; people decide
        about the changes of those that nobody owns). Objectives belong to the set that declared them; `prune=true`
        retires those of the set that are declared no more, `adopt=true` takes over what was kept by hand.
        """
        asked = Asked(data=dict(request.query_params.items()))
        refuse_unknown(request.query_params, asked.fields, whole=True)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        text, outcome = self._text(request), None
        if _is_json(request) and (problem := json_problem("body", text)):
            outcome = Outcome((), (problem,), written=False)
        outcome = outcome or operations.apply(
            {"body": text}, actor=self.actor, at=timezone.now(), mode=said["mode"],
            set_name=said["set"], most=MAX_IN_A_REQUEST, source=said["source"], team=said["team"],
            **{name: said[name] == "true" for name in _FLAGS},
        )  # fmt: skip
        if too_large := next((one for one in outcome.errors if one.rule == "too-large"), None):
            raise InvalidInput.about("body", too_large.message)
        response = Response(OutcomeShown(outcome).data)
        response.made_nothing = not outcome.written  # type: ignore[attr-defined]
        return response

    def _text(self, request: Request) -> bytes:
        sent = request.data
        if isinstance(sent, dict) and "text" in sent:
            return bytes(sent["text"])
        if request.content_type and request.content_type.split(";")[0].strip().lower() in _TYPES:
            return b""
        raise exceptions.UnsupportedMediaType(str(request.content_type))
