"""The doors of platforms. What opens them is a signature over the bytes, no token of ours; what came is kept first."""

from typing import IO, Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from changes.delivery.operations import proving
from changes.delivery.operations.receiving import accept
from changes.delivery.vocabulary import DeliveryStatus, Platform
from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.middleware import takes_files
from itsm.api.parsers import TooLarge
from itsm.api.permissions import Entry
from itsm.kernel.errors import InvalidInput

MAX_BYTES = 8_000_000
_BODY = {"application/json": {"type": "object", "additionalProperties": True}}
_ANY: dict[str, Any] = {"application/json": {}}


class SignedJSON(BaseParser):
    """JSON as its bytes: they are what is signed."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return body


class SignedCloudEvent(SignedJSON):
    media_type = "application/cloudevents+json"


class DeliveryTakenShown(serializers.Serializer[Any]):
    """`delivery`: the number by which `/platform-deliveries/{id}/` shows what became of it."""

    delivery = serializers.IntegerField()
    status = fields.Choice(choices=DeliveryStatus.choices)


class _Door(viewsets.GenericViewSet[Any]):
    """202 once it is kept; the work comes after. 401: not proven; 400: no JSON; 409: its id is another's; 413: too
    large; 503: send it again shortly."""

    policy: ClassVar = {"take": Entry(anyone)}  # proven by its signature: see operations/proving.py
    authentication_classes = ()
    permission_classes = ()
    parser_classes: tuple[type[BaseParser], ...] = (SignedJSON,)
    serializer_class = DeliveryTakenShown
    metadata_class = None
    http_method_names = ["post"]
    platform: ClassVar[Platform] = Platform.GITHUB

    def taken(self, request: Request, slug: str = "") -> Response:
        """Prove it, keep it, answer."""
        proving.may_be_signed(self.platform, request.headers)
        raw: Any = request.data
        if not isinstance(raw, bytes) or not raw.strip():
            raise InvalidInput(_("The body is empty: send JSON."))
        at = timezone.now()
        kept = accept(proving.proven(self.platform, request.headers, raw, at, slug), raw, at=at)
        return Response(DeliveryTakenShown({"delivery": kept.pk, "status": kept.status}).data, status=202)


@takes_files
class GithubDoor(_Door):
    """GitHub: a webhook of an organisation, a repository or an App, of the content type JSON, with its secret."""

    @extend_schema(operation_id="integrations_github_create", request=_BODY, responses={202: DeliveryTakenShown})
    def take(self, request: Request) -> Response:
        """deployment_protection_rule, deployment_status; of others nothing follows. `X-Hub-Signature-256` is held."""
        return self.taken(request)


@takes_files
class GitlabDoor(_Door):
    """GitLab: a webhook of a group or project, with its secret token or, better, its signing token."""

    platform = Platform.GITLAB

    @extend_schema(operation_id="integrations_gitlab_create", request=_BODY, responses={202: DeliveryTakenShown})
    def take(self, request: Request) -> Response:
        """Deployment and pipeline events; of others nothing follows."""
        return self.taken(request)


@takes_files
class GenericDeliveryDoor(_Door):
    """JSON of any shape, read by the mapping of the source that the address names."""

    platform = Platform.GENERIC
    parser_classes = (SignedJSON, SignedCloudEvent)

    @extend_schema(operation_id="integrations_generic_create", request=_ANY, responses={202: DeliveryTakenShown})
    def take(self, request: Request, source: str) -> Response:
        """Signed as Standard Webhooks have it, or as GitHub does."""
        return self.taken(request, source)
