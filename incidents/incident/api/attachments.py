"""Files of an incident over REST: each comes with a note, and is as private as that."""

from typing import ClassVar

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import permissions, queries
from incidents.incident.models import Incident
from incidents.incident.operations import attaching
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown, Strict
from itsm.files import answering
from itsm.files import queries as file_queries
from itsm.files.api import BYTES, RecordFiles, may_withdraw, sent_with_file
from itsm.files.models import Attachment
from itsm.files.receiving import ONE_FILE, takes_attachments


class AttachmentSent(Strict):
    """`text`: the note that it comes with; without one it is named. `private`: for the desk alone; what a caller sends
    never is."""

    file = serializers.FileField(help_text="at most 25 MB")
    text = fields.Text(max_length=20_000, allow_blank=True, default="")
    private = fields.Choice(choices=["true", "false"], default="true")


class AttachmentShown(Shown):
    """A file. `shown_type`: what its bytes are; `state`: waiting until the scanner has spoken."""

    private = serializers.BooleanField()
    by = PersonField(read_only=True)
    note = serializers.IntegerField(source="note_id")
    content = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Attachment
        fields = (
            "key",
            "name",
            "size",
            "sha256",
            "shown_type",
            "state",
            "private",
            "note",
            "by",
            "at",
            "content",
            "url",
        )

    def get_content(self, attachment: Attachment) -> str:
        """The path of its bytes in this API."""
        number = self.context["view"].kwargs["number"]
        return f"/api/v1/incidents/{number}/attachments/{attachment.key}/content/"


@takes_attachments(ONE_FILE)
class AttachmentViewSet(RecordFiles):
    """What was attached: 25 MB a file, 20 files an incident, 200 MB a person in 24 hours."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "content": Entry(permissions.anyone),
        "thumbnail": Entry(permissions.anyone),
        "create": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=queries.speakers),
        "destroy": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=may_withdraw),
    }
    serializer_class = AttachmentShown
    readers = permissions.readers
    notes_on = queries.notes_on

    @property
    def record(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(
        request={"multipart/form-data": AttachmentSent},
        responses={201: AttachmentShown},
        operation_id="incidents_attach",
    )
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Send a file with a note of the desk, or with a public word to or from the caller."""
        sent, incident = sent_with_file(self, AttachmentSent), self.record
        private = sent["private"] == "true" and permissions.readers(self.actor, incident)
        _said, (made,) = attaching.say(
            incident, actor=self.actor, text=sent["text"], private=private, received=[sent["file"]]
        )
        where = f"/api/v1/incidents/{number}/attachments/{made.key}/"
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": where})

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_withdraw_attachment")
    def destroy(self, request: Request, number: str, key: str) -> Response:
        """Take it back: who sent it within an hour, or a manager."""
        attaching.withdraw_file(self.record, self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=BYTES, operation_id="incidents_attachment_content")
    @action(detail=True, methods=["get"])
    def content(self, request: Request, number: str, key: str) -> FileResponse:
        """Its bytes. Only what is a picture or plain text by its own bytes comes under that type."""
        return answering.bytes_of(file_queries.by_key(self.actor, self.get_object().key))

    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY}, operation_id="incidents_attachment_thumbnail")
    @action(detail=True, methods=["get"])
    def thumbnail(self, request: Request, number: str, key: str) -> FileResponse:
        """A small picture of it, some seconds after it was sent."""
        return answering.thumbnail(file_queries.by_key(self.actor, self.get_object().key))


def register(router: Router) -> None:
    router.register(
        "incidents/(?P<number>[A-Za-z]{3}-[0-9]{1,12})/attachments", AttachmentViewSet, basename="incident-attachment"
    )
