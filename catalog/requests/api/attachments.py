"""Files on a request over REST: each comes with a word, and is as private as that."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import FileResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from catalog.requests.models import Request
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.viewsets import Rows
from itsm.files import answering
from itsm.files import operations as files
from itsm.files import queries as file_queries
from itsm.files.models import Attachment
from itsm.files.permissions import withdrawers
from itsm.files.receiving import ONE_FILE, Received, takes_attachments
from itsm.files.vocabulary import INLINE, ShownType
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound

_BYTES = {(200, str(kind)): OpenApiTypes.BINARY for kind in (*INLINE, ShownType.OTHER)}


def _may_withdraw(actor: Actor, attachment: Attachment) -> bool:
    return withdrawers(actor, attachment, timezone.now())


class RequestFileSent(Strict):
    """`text`: the word that it comes with; without one it is named. `private`: for who works on it alone; what whose it
    is sends never is."""

    file = serializers.FileField(help_text="at most 25 MB")
    text = fields.Text(max_length=20_000, allow_blank=True, default="")
    private = fields.Choice(choices=["true", "false"], default="false")


class RequestFileShown(Shown):
    """A file. `shown_type`: what its bytes are; `state`: waiting until the scanner has spoken."""

    private = serializers.BooleanField()
    by = PersonField(read_only=True)
    note = serializers.IntegerField(source="note_id")
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Attachment
        fields = ("key", "name", "size", "sha256", "shown_type", "state", "private", "note", "by", "at", "url")


@takes_attachments(ONE_FILE)
class RequestFileViewSet(Rows):
    """What was attached to a request; what answers a question of its form stands with its answers."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "content": Entry(permissions.anyone),
        "create": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.may_reply),
        "destroy": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=_may_withdraw),
    }
    serializer_class = RequestFileShown
    parser_classes = (MultiPartParser,)
    filter_backends = ()
    lookup_field = "key"
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    @property
    def _request(self) -> Request:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def visible_rows(self) -> QuerySet[Attachment]:
        request = self._request
        reads_all = permissions.readers(self.actor, request)
        written = queries.notes_on(request, with_private=reads_all)
        return file_queries.readable_by(self.actor, reads_all=reads_all).filter(note__in=[one.pk for one in written])

    def get_object(self) -> Any:
        if "key" not in self.kwargs:
            return self._request
        found = self.visible_rows().filter(key=self.kwargs["key"]).first()
        if found is None:
            raise NotFound(gettext("There is no such file, or you may not see it."))
        return found

    def list(self, request: HttpRequest, number: str) -> Response:
        """Those that you may see, the newest first."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: HttpRequest, number: str, key: str) -> Response:
        return self.respond(self.get_object())

    @extend_schema(
        request={"multipart/form-data": RequestFileSent}, responses={201: RequestFileShown},
        operation_id="requests_attach",
    )  # fmt: skip
    @idempotent()
    def create(self, request: HttpRequest, number: str) -> Response:
        """Send a file with a reply, or with a private note of who works on it."""
        sent, found = self._sent(), self._request
        private = sent["private"] == "true" and permissions.readers(self.actor, found)
        _said, (made,) = operations.say(
            found, actor=self.actor, text=sent["text"], private=private, received=[sent["file"]]
        )
        where = f"/api/v1/requests/{number}/attachments/{made.key}/"
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": where})

    def _sent(self) -> dict[str, Any]:
        body = cast(QueryDict, self.request.data)
        if any(len(values) > 1 for _name, values in body.lists()):
            raise InvalidInput(gettext("Send each part once."))
        if (one := body.get("file")) is not None and isinstance(one, Received):
            files.require_usable([one])  # 413 and 503 before the shape of the rest
        given = RequestFileSent(data=body.dict(), context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @extend_schema(request=None, responses={204: None}, operation_id="requests_withdraw_attachment")
    def destroy(self, request: HttpRequest, number: str, key: str) -> Response:
        """Take it back: who sent it within an hour, or a manager."""
        files.withdraw(self._request, self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=_BYTES, operation_id="requests_attachment_content")
    @action(detail=True, methods=["get"])
    def content(self, request: HttpRequest, number: str, key: str) -> FileResponse:
        """Its bytes. Only what is a picture or plain text by its own bytes comes under that type."""
        return answering.bytes_of(file_queries.by_key(self.actor, self.get_object().key))

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """Bytes are what they are, whatever the client prefers."""
        return super().perform_content_negotiation(request, force=self.action == "content" or force)
