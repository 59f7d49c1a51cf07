"""The door for slash commands. What opens it is the platform's proof, no token of ours."""

from typing import IO, Any, ClassVar
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.permissions import anyone
from itsm.api.parsers import TooLarge
from itsm.api.permissions import Entry
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.webhooks.slash import accounts, commands, proofs

MAX_BYTES = 64_000
MAX_FIELDS = 60


class SignedForm(BaseParser):
    """A form as its bytes: they are what is signed."""

    media_type = "application/x-www-form-urlencoded"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(min(MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return body


class SlashAnswerShown(serializers.Serializer[Any]):
    """For the caller's eyes alone, as Slack and Mattermost show it."""

    response_type = serializers.ChoiceField(choices=["ephemeral"])
    text = serializers.CharField()


class SlashViewSet(viewsets.GenericViewSet[Any]):
    """Commands that somebody typed in a chat whose endpoint hears them."""

    policy: ClassVar = {"create": Entry(anyone)}  # proven by its signature: see proofs.py
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (SignedForm,)
    serializer_class = SlashAnswerShown
    metadata_class = None

    @extend_schema(exclude=True)  # spoken by chats, in their words; no client of ours asks it
    def create(self, request: Request, endpoint: str) -> Response:
        """As Slack (v0 signature) or Mattermost (token) send it; the same request is heard once."""
        found, at = accounts.hearing(int(endpoint)), timezone.now()
        if found is None:
            raise NotFound(_("No commands are heard here."))
        raw: Any = request.data
        body = raw if isinstance(raw, bytes) else b""
        fields = _fields(body)
        proofs.proven(found, request.headers, body, fields, at)
        request_id = getattr(request._request, "request_id", "")
        said = {"response_type": "ephemeral", "text": commands.answer(found, fields, at, request_id)}
        return Response(SlashAnswerShown(said).data)


def _fields(body: bytes) -> dict[str, str]:
    """The form's fields, each once; what no text of ours may hold is taken out. Raises InvalidInput."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise InvalidInput(_("The body is no form that a chat sends.")) from error
    if len(dict(pairs)) != len(pairs):
        raise InvalidInput(_("The body says a field twice."))
    return {name: value.replace("\x00", "") for name, value in pairs}
