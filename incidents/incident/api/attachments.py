"""Files of an incident over REST: each comes with a note, and is as private as that."""

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
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident import permissions, queries
from incidents.incident.models import Incident
from incidents.incident.operations import attaching
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
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
_OVERHEAD = 10_000  # of a form around its file


def _may_withdraw(actor: Actor, attachment: Attachment) -> bool:
    return withdrawers(actor, attachment, timezone.now())


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
class AttachmentViewSet(Rows):
    """What was attached: 25 MB a file, 20 files an incident, 200 MB a person in 24 hours."""

    policy: ClassVar = {
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "content": Entry(permissions.anyone),
        "thumbnail": Entry(permissions.anyone),
        "create": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=queries.speakers),
        "destroy": Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=_may_withdraw),
    }
    serializer_class = AttachmentShown
    parser_classes = (MultiPartParser,)
    filter_backends = ()
    lookup_field = "key"
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    @property
    def incident(self) -> Incident:
        return queries.by_reference(self.actor, self.kwargs["number"])

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """What finds no room is refused before anything of it is read."""
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            size = max(0, int(request.META.get("CONTENT_LENGTH") or 0) - _OVERHEAD)
            files.require_room(self.incident, actor=self.actor, more=1, size=size)

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """Bytes are what they are, whatever the client prefers."""
        return super().perform_content_negotiation(request, force=self.action in {"content", "thumbnail"} or force)

    def visible_rows(self) -> QuerySet[Attachment]:
        incident = self.incident
        reads_all = permissions.readers(self.actor, incident)
        written = queries.notes_on(incident, with_private=reads_all)
        found = file_queries.readable_by(self.actor, reads_all=reads_all)
        return found.filter(note__in=[note.pk for note in written])

    def get_object(self) -> Any:
        if "key" not in self.kwargs:
            return self.incident
        found = self.visible_rows().filter(key=self.kwargs["key"]).first()
        if found is None:
            raise NotFound(gettext("There is no such file, or you may not see it."))
        return found

    def list(self, request: Request, number: str) -> Response:
        """Those that you may see, in the order in which they came."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, number: str, key: str) -> Response:
        return self.respond(self.get_object())

    @extend_schema(
        request={"multipart/form-data": AttachmentSent},
        responses={201: AttachmentShown},
        operation_id="incidents_attach",
    )
    @idempotent()
    def create(self, request: Request, number: str) -> Response:
        """Send a file with a note of the desk, or with a public word to or from the caller."""
        sent, incident = self._sent(), self.incident
        private = sent["private"] == "true" and permissions.readers(self.actor, incident)
        _said, (made,) = attaching.say(
            incident, actor=self.actor, text=sent["text"], private=private, received=[sent["file"]]
        )
        where = f"/api/v1/incidents/{number}/attachments/{made.key}/"
        return self.respond(file_queries.live().get(pk=made.pk), 201, {"Location": where})

    def _sent(self) -> dict[str, Any]:
        """The parts of the form, or a 400 that lists everything wrong with it."""
        body = cast(QueryDict, self.request.data)
        if twice := sorted(name for name, values in body.lists() if len(values) > 1):
            raise InvalidInput(
                gettext("Send each part once; %(names)s came more often.") % {"names": ", ".join(twice)[:80]},
                {name[:80]: [gettext("Send it once.")] for name in twice[:20]},
            )
        if (one := body.get("file")) is not None and isinstance(one, Received):
            files.require_usable([one])  # 413 and 503 before the shape of the rest
        given = AttachmentSent(data=body.dict(), context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @extend_schema(request=None, responses={204: None}, operation_id="incidents_withdraw_attachment")
    def destroy(self, request: Request, number: str, key: str) -> Response:
        """Take it back: who sent it within an hour, or a manager."""
        attaching.withdraw_file(self.incident, self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses=_BYTES, operation_id="incidents_attachment_content")
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
