"""Mailboxes and undeliverable addresses over REST: who works here reads them, administrators keep mailboxes."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import Listed
from itsm.api.idempotency import idempotent
from itsm.api.people import TeamField
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.mail import alarms
from itsm.mail.boxes import operations, permissions
from itsm.mail.boxes.trying import try_out
from itsm.mail.models import Mailbox, UndeliverableAddress
from itsm.slugs import slug_shape

_READ = Entry(permissions.readers)
_KEEP = Entry(permissions.keepers, scopes.PEOPLE_WRITE)


class MailboxEditing(Strict):
    address = fields.Text(max_length=254, required=False)
    team = TeamField(required=False)
    aliases = serializers.ListField(
        child=fields.Text(max_length=254), max_length=operations.MOST_ALIASES, required=False
    )
    from_name = fields.Text(max_length=120, required=False, allow_blank=True)
    signature = fields.Text(max_length=2000, required=False, allow_blank=True)
    language = fields.Text(max_length=10, required=False, help_text="of mail to people who have said none of their own")
    is_open = fields.YesNo(required=False, help_text="people whom nobody knows may write to it")
    is_default = fields.YesNo(required=False, help_text="what belongs to no other mailbox leaves from here")
    host = fields.Text(
        max_length=253, required=False, allow_blank=True, help_text="Empty: nothing is fetched, mail comes by the API."
    )
    port = fields.Whole(min_value=1, max_value=65_535, required=False)
    security = fields.Choice(choices=Mailbox.Security.choices, required=False)
    username = fields.Text(max_length=254, required=False, allow_blank=True, help_text="Empty: the address.")
    folder = fields.Text(max_length=120, required=False)
    auth = fields.Choice(choices=Mailbox.Auth.choices, required=False)
    credential = fields.Text(
        max_length=63, required=False, allow_blank=True, validators=[slug_shape],
        help_text="The name of a secret file, never the secret.",
    )  # fmt: skip
    authority = fields.Text(max_length=63, required=False, allow_blank=True, validators=[slug_shape])
    token_url = fields.Text(max_length=300, required=False, allow_blank=True)
    authorize_url = fields.Text(max_length=300, required=False, allow_blank=True)
    client_id = fields.Text(max_length=200, required=False, allow_blank=True)
    scope = fields.Text(max_length=300, required=False, allow_blank=True)
    token_expires_at = fields.Instant(required=False, allow_null=True, help_text="when the sign-in ends, where known")


class NewMailbox(MailboxEditing):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    address = fields.Text(max_length=254)
    team = TeamField()


class MailboxShown(Shown):
    """`is_unread`: it should be read each minute and was not for a quarter of an hour."""

    team = TeamField(read_only=True)
    auth = serializers.ChoiceField(choices=Mailbox.Auth.choices)
    security = serializers.ChoiceField(choices=Mailbox.Security.choices)
    status = serializers.ChoiceField(choices=Mailbox.Status.choices)
    is_unread = serializers.SerializerMethodField()
    url = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Mailbox
        fields = (
            "slug", "address", "aliases", "team", "from_name", "signature", "language", "is_open", "is_default",
            "status", "host", "port", "security", "username", "folder", "auth", "credential", "authority", "token_url",
            "authorize_url",
            "client_id", "scope", "token_expires_at", "read_at", "failing_since", "last_error", "is_unread",
            "created_at", "version", "url",
        )  # fmt: skip

    def get_is_unread(self, mailbox: Mailbox) -> bool:
        return alarms.is_unread(mailbox, timezone.now())


class MailboxStepShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    is_good = serializers.BooleanField()
    said = serializers.CharField()


class MailboxTriedShown(serializers.Serializer[Any]):
    """What was tried, in order, until something failed."""

    is_good = serializers.BooleanField()
    steps = MailboxStepShown(many=True)


class MailboxViewSet(Readable):
    """Where people write to the teams, and whom their mail comes from. Keyed by slug."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "create": _KEEP,
        "partial_update": _KEEP,
        "test": _KEEP,
        "pause": _KEEP,
        "resume": _KEEP,
    }
    serializer_class = MailboxShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Mailbox]:
        return Mailbox.objects.visible_to(self.actor).select_related("team").order_by()

    @extend_schema(request=NewMailbox, responses={201: MailboxShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.create_mailbox(actor=self.actor, at=timezone.now(), **self.validated(NewMailbox))
        return self.respond(made, 201, {"Location": f"/api/v1/mailboxes/{made.slug}/"})

    @extend_schema(request=MailboxEditing, responses=MailboxShown)
    def partial_update(self, request: Request, slug: str, **kwargs: Any) -> Response:
        said = self.validated(MailboxEditing)
        return self.respond(
            operations.edit_mailbox(self.get_object(), actor=self.actor, version=version_read(request), **said)
        )

    @extend_schema(request=Nothing, responses=MailboxTriedShown)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, slug: str) -> Response:
        """Connect, sign in, count, read the newest subject: now, as it is kept. Nothing is marked there."""
        self.validated(Nothing)
        steps = try_out(self.get_object(), timezone.now())
        return Response(MailboxTriedShown({"is_good": all(step.is_good for step in steps), "steps": steps}).data)

    @extend_schema(request=Nothing, responses=MailboxShown)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, slug: str) -> Response:
        """Read it no more until it is resumed."""
        self.validated(Nothing)
        return self.respond(operations.pause_mailbox(self.get_object(), actor=self.actor))

    @extend_schema(request=Nothing, responses=MailboxShown)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, slug: str) -> Response:
        """Read it again, from where it was left."""
        self.validated(Nothing)
        return self.respond(operations.resume_mailbox(self.get_object(), actor=self.actor))


class UndeliverableShown(Shown):
    lifted_by = serializers.CharField(source="lifted_by.username", allow_null=True, default=None)

    class Meta:
        model = UndeliverableAddress
        fields = ("id", "address", "since", "code", "reason", "lifted_at", "lifted_by", "version")


class UndeliverableFilter(Listed):
    standing = django_filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull")
    address = django_filters.CharFilter(lookup_expr="iexact", max_length=254)

    class Meta:
        model = UndeliverableAddress
        fields = ("standing", "address")


class UndeliverableViewSet(Readable):
    """Addresses that nothing is sent to, because mail bounced there."""

    policy: ClassVar = {
        "list": Entry(permissions.lifters),
        "retrieve": Entry(permissions.lifters),
        "lift": Entry(permissions.lifters, scopes.INCIDENTS_WRITE),
    }
    serializer_class = UndeliverableShown
    filterset_class = UndeliverableFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[UndeliverableAddress]:
        return UndeliverableAddress.objects.visible_to(self.actor).select_related("lifted_by")

    @extend_schema(request=Nothing, responses=UndeliverableShown)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Send there again; what bounced before counts no more."""
        self.validated(Nothing)
        return self.respond(operations.lift(self.get_object(), actor=self.actor, at=timezone.now()))


def register(router: Router) -> None:
    """Their place below /api/v1/."""
    router.register("mailboxes", MailboxViewSet, basename="mailbox")
    router.register("undeliverable-addresses", UndeliverableViewSet, basename="undeliverable-address")
