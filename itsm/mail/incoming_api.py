"""Mail that came in over REST: the door for programs, and what lies parked."""

from typing import IO, Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.middleware import takes_files
from itsm.api.parsers import TooLarge
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown
from itsm.api.viewsets import Readable, Rows, made
from itsm.kernel.errors import InvalidInput
from itsm.mail import incoming_queries, intake, parking
from itsm.mail.models import IncomingMail
from itsm.mail.parking_permissions import blocks, carriers, decides, keepers
from itsm.mail.reasons import Did, Reason, Status

MAX_BYTES = 25_000_000


class Rfc5322(BaseParser):
    """A mail as it is, byte for byte."""

    media_type = "message/rfc822"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return body


class MailTakenShown(serializers.Serializer[Any]):
    """`intake`: the number by which `/mail-in/{id}/` shows what became of it."""

    intake = serializers.IntegerField(source="pk")
    status = serializers.ChoiceField(choices=Status.choices)


@takes_files
class DropDoorViewSet(Rows):
    """Mail handed in by a program, such as a mail server's pipe: kept as it is, and looked at right afterwards."""

    policy: ClassVar = {"create": Entry(carriers, scopes.MAIL_WRITE)}
    serializer_class = MailTakenShown
    parser_classes = (Rfc5322,)
    largest_body = MAX_BYTES

    def visible_rows(self) -> QuerySet[IncomingMail]:
        return IncomingMail.objects.all()

    @extend_schema(
        operation_id="integrations_mail_create",
        request={"message/rfc822": {"type": "string", "format": "binary"}},
        responses={202: MailTakenShown},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        """The same bytes are the same mail, however often they come."""
        raw: Any = request.data
        if not isinstance(raw, bytes) or not raw.strip():  # without a body no parser is asked
            raise InvalidInput(_("The body is empty: send the mail as it came, as message/rfc822."))
        return self.respond(intake.accept(raw, mailbox=None, at=timezone.now()), 202)

    def respond(self, record: Any, status: int = 200, headers: Any = None) -> Response:
        return made(Response(MailTakenShown(record).data, status=status), record)


class IncomingShown(Shown):
    """A mail that came in. `there`: how many, where the reason counts something; `record`: where it went, as far as
    the reader may see it."""

    mailbox = serializers.CharField(source="mailbox.slug", allow_null=True, default=None)
    status = serializers.ChoiceField(choices=Status.choices)
    reason = serializers.ChoiceField(choices=[*Reason.choices, ("", "")])
    did = serializers.ChoiceField(choices=[*Did.choices, ("", "")])
    record = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = IncomingMail
        fields = (
            "id", "mailbox", "received_at", "status", "reason", "there", "did", "record", "sender", "sender_name",
            "subject", "size", "automatic", "forwarded_from", "flags", "version", "url",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_record(self, mail: IncomingMail) -> str | None:
        known: dict[int, Any] | None = self.context.get("records")
        if known is None:
            known = incoming_queries.records_of(self.context["view"].actor, [mail])
        record = known.get(mail.pk)
        return record.reference if record is not None else None


class PlainShown(serializers.Serializer[Any]):
    """Text as it came, from which nothing is interpreted."""

    text = serializers.CharField()


class IncomingFilter(Listed):
    status = django_filters.ChoiceFilter(choices=Status.choices)
    sender = django_filters.CharFilter(lookup_expr="iexact", max_length=254)

    class Meta:
        model = IncomingMail
        fields = ("status", "sender")


_DECIDES = Entry(keepers, scopes.INCIDENTS_WRITE, over=decides)


class MailInViewSet(Readable):
    """What came in by mail, for who decides about it: leads of a mailbox's team, managers and administrators."""

    policy: ClassVar = {
        "list": Entry(keepers),
        "retrieve": Entry(keepers),
        "text": Entry(keepers),
        "header_lines": Entry(keepers),
        "retry": _DECIDES,
        "discard": _DECIDES,
        "open": _DECIDES,
        "take_all": _DECIDES,
        "block": Entry(keepers, scopes.INCIDENTS_WRITE, over=blocks),
    }
    serializer_class = IncomingShown
    filterset_class = IncomingFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[IncomingMail]:
        return incoming_queries.incoming(self.actor).defer("html", "blocks")

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        records = incoming_queries.records_of(self.actor, page)
        context = {**self.get_serializer_context(), "records": records}
        return self.get_paginated_response(IncomingShown(page, many=True, context=context).data)

    @extend_schema(responses=PlainShown)
    @action(detail=True)
    def text(self, request: Request, pk: str) -> Response:
        """Its beginning, as it came."""
        return Response({"text": incoming_queries.text_as_it_came(self.get_object())})

    @extend_schema(responses=PlainShown)
    @action(detail=True, url_path="headers")
    def header_lines(self, request: Request, pk: str) -> Response:
        """Its headers, as they came."""
        return Response({"text": incoming_queries.headers_as_text(self.get_object())})

    @extend_schema(request=Nothing, responses=IncomingShown)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Look at it once more."""
        self.validated(Nothing)
        return self.respond(parking.retry(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses=IncomingShown)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Nothing follows from it."""
        self.validated(Nothing)
        return self.respond(parking.discard(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses=IncomingShown)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str) -> Response:
        """Make a record of it all the same."""
        self.validated(Nothing)
        return self.respond(parking.open_record(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses=IncomingShown)
    @action(detail=True, methods=["post"], url_path="take-all")
    def take_all(self, request: Request, pk: str) -> Response:
        """All that this sender has parked because there were too many; the one that was named is answered."""
        self.validated(Nothing)
        taken = parking.take_all(self.get_object(), actor=self.actor)
        return self.respond(next(one for one in taken if one.pk == int(pk)))

    @extend_schema(request=Nothing, responses=IncomingShown)
    @action(detail=True, methods=["post"])
    def block(self, request: Request, pk: str) -> Response:
        """Ignore mail of this sender to this mailbox from now on; an administrator, to all of them."""
        self.validated(Nothing)
        return self.respond(parking.block(self.get_object(), actor=self.actor))


def register(router: Router) -> None:
    """Their place below /api/v1/."""
    router.register("integrations/mail", DropDoorViewSet, basename="drop-door")
    router.register("mail-in", MailInViewSet, basename="mail-in")
