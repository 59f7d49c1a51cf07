"""Files on a request over REST: each comes with a word, and is as private as that."""

from typing import ClassVar

from django.http import FileResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from catalog.requests.models import Request
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.files import answering
from itsm.files import operations as files
from itsm.files import queries as file_queries
from itsm.files.api import BYTES, RecordFiles, may_withdraw, sent_with_file
from itsm.files.models import Attachment
from itsm.files.receiving import ONE_FILE, takes_attachments


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
class RequestFileViewSet(RecordFiles):
    """What was attached to a request; what answers a question of its form stands with its answers."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "content": Entry(permissions.anyone),
        "create": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.may_reply),
        "destroy": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=may_withdraw),
    }
    serializer_class = RequestFileShown
    readers = permissions.readers
    notes_on = queries.notes_on

    @property
    def record(self) -> Request:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(
        request={"multipart/form-data": RequestFileSent}, responses={201: RequestFileShown},
        operation_id="requests_attach",
    )  # fmt: skip
    @idempotent()
    def create(self, request: HttpRequest, number: str) -> Response:
        """Send a file with a reply, or with a private note of who works on it."""
        sent, found = sent_with_file(self, RequestFileSent), self.record
        private = sent["private"] == "true" and permissions.readers(self.actor, found)
        _said, (made,) = operations.say(
            found, actor=self.actor, text=sent["text"], private=private, received=[sent["file"]]
        )
        where = f"/api/v1/requests/{number}/attachments/{made.key}/"
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": where})

    @extend_schema(request=None, responses={204: None}, operation_id="requests_withdraw_attachment")
    def destroy(self, request: HttpRequest, number: str, key: str) -> Response:
        """Take it back: who sent it within an hour, or a manager."""
        files.withdraw(self.record, self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=BYTES, operation_id="requests_attachment_content")
    @action(detail=True, methods=["get"])
    def content(self, request: HttpRequest, number: str, key: str) -> FileResponse:
        """Its bytes. Only what is a picture or plain text by its own bytes comes under that type."""
        return answering.bytes_of(file_queries.by_key(self.actor, self.get_object().key))
