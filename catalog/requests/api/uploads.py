"""Files for the forms of catalog items over REST: sent first, then named by an answer."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.items import operations, queries
from catalog.requests import permissions
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.files.api import FileRows, sent_with_file
from itsm.files.models import Attachment
from itsm.files.receiving import ONE_FILE, takes_attachments


class FormFileSent(Strict):
    file = serializers.FileField(allow_empty_file=True)


class FormFileShown(Shown):
    """`key`: what answers a question of the type `file` with it. `state`: whether the scanner has looked at it."""

    state = serializers.CharField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Attachment
        fields = ("key", "name", "size", "state", "url")


@takes_attachments(ONE_FILE)
class FormFileViewSet(FileRows):
    """Your files that nothing was asked with yet. One answers one question, once; after a day it is forgotten."""

    policy: ClassVar = {
        "list": Entry(permissions.participants),
        "create": Entry(permissions.participants, scopes.REQUESTS_WRITE),
        "destroy": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=permissions.participants),
    }
    serializer_class = FormFileShown

    def visible_rows(self) -> QuerySet[Attachment]:
        return queries.unused_uploads(self.actor)

    @extend_schema(
        request={"multipart/form-data": FormFileSent}, responses={201: FormFileShown}, operation_id="form_files_send"
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        """Send one; its `key` is the answer."""
        sent = sent_with_file(self, FormFileSent)["file"]
        made = operations.upload(sent, actor=self.actor, at=timezone.now())
        return self.respond(made, 201, {"Location": made.get_absolute_url()})

    @extend_schema(request=None, responses={204: None}, operation_id="form_files_take_back")
    def destroy(self, request: Request, key: str) -> Response:
        """Take it back, as long as nothing was asked with it."""
        operations.take_back(self.get_object(), actor=self.actor)
        return Response(status=204)
