"""Providers over REST, for administrators; and the doors by which providers call back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.parsers import StrictJSON
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.kernel.errors import NotFound
from itsm.notifications.web_addresses import our_address
from itsm.paging import permissions
from itsm.paging.models import PagingProvider
from itsm.paging.operations import phone, providers
from itsm.paging.queries import reading
from itsm.paging.vocabulary import PHONE_CHOICES

_READ, _WRITE = Entry(permissions.administrators), Entry(permissions.administrators, scopes.PEOPLE_WRITE)


class PagingProviderEditing(Strict):
    """`template`: the body, with {to}, {text} and {id}."""

    name = fields.Text(max_length=80, required=False)
    channel = fields.Choice(choices=PHONE_CHOICES, required=False)
    position = fields.Whole(min_value=1, max_value=100, required=False)
    url = fields.Text(max_length=500, required=False)
    body = fields.Choice(choices=PagingProvider.Body.choices, required=False)
    template = fields.Text(max_length=4000, required=False)
    auth = fields.Choice(choices=PagingProvider.Auth.choices, required=False)
    username = fields.Text(max_length=120, required=False, allow_blank=True)
    credential = fields.Text(max_length=63, required=False, allow_blank=True, help_text="The name of a secret of ours.")
    ok_pointer = fields.Text(max_length=120, required=False, allow_blank=True)
    ok_value = fields.Text(max_length=120, required=False, allow_blank=True)
    id_pointer = fields.Text(max_length=120, required=False, allow_blank=True)
    reports = fields.YesNo(required=False)


class NewPagingProvider(PagingProviderEditing):
    name = fields.Text(max_length=80)
    channel = fields.Choice(choices=PHONE_CHOICES)
    url = fields.Text(max_length=500)
    template = fields.Text(max_length=4000)


class PagingProviderShown(Shown):
    """A gateway. `reports_at`, `replies_at`: where it calls back; whoever knows them may. `open_until`: it failed too
    often, and is passed over until then."""

    channel = fields.Choice(choices=PHONE_CHOICES)
    body = fields.Choice(choices=PagingProvider.Body.choices)
    auth = fields.Choice(choices=PagingProvider.Auth.choices)
    reports_at = serializers.SerializerMethodField()
    replies_at = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = PagingProvider
        fields = (
            "id", "name", "channel", "position", "url", "body", "template", "auth", "username", "credential",
            "ok_pointer", "ok_value", "id_pointer", "reports", "reports_at", "replies_at", "off_at", "open_until",
            "created_at", "version", "page",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_reports_at(self, provider: PagingProvider) -> str:
        return our_address(f"/api/v1/integrations/paging/{provider.token}/reports/")

    @extend_schema_field(serializers.CharField())
    def get_replies_at(self, provider: PagingProvider) -> str:
        return our_address(f"/api/v1/integrations/paging/{provider.token}/replies/")


class ProviderViewSet(Readable):
    """Gateways by which text messages and calls leave."""

    policy: ClassVar = {
        "list": _READ, "retrieve": _READ, "create": _WRITE, "partial_update": _WRITE, "switch_off": _WRITE,
        "switch_on": _WRITE, "rotate": _WRITE,
    }  # fmt: skip
    serializer_class = PagingProviderShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PagingProvider]:
        return reading.providers().order_by()

    @extend_schema(request=NewPagingProvider, responses={201: PagingProviderShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = providers.create(actor=self.actor, **self.validated(NewPagingProvider))
        return self.respond(made, 201, {"Location": f"/api/v1/paging-providers/{made.pk}/"})

    @extend_schema(request=PagingProviderEditing, responses={200: PagingProviderShown})
    def partial_update(self, request: Request, pk: str) -> Response:
        said = self.validated(PagingProviderEditing)
        return self.respond(providers.edit(self.get_object(), actor=self.actor, version=version_read(request), **said))

    @extend_schema(request=Nothing, responses={200: PagingProviderShown}, operation_id="paging_providers_switch_off")
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str) -> Response:
        """It is asked no more."""
        return self._switched(on=False)

    @extend_schema(request=Nothing, responses={200: PagingProviderShown}, operation_id="paging_providers_switch_on")
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, pk: str) -> Response:
        """It is asked again."""
        return self._switched(on=True)

    @extend_schema(request=Nothing, responses={200: PagingProviderShown}, operation_id="paging_providers_rotate")
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Other addresses to call back at; those before are nobody's."""
        self.validated(Nothing)
        return self.respond(providers.rotate(self.get_object(), actor=self.actor, version=version_read(request)))

    def _switched(self, *, on: bool) -> Response:
        self.validated(Nothing)
        version = version_read(self.request)
        return self.respond(
            providers.switch(self.get_object(), actor=self.actor, on=on, at=timezone.now(), version=version)
        )  # fmt: skip


class HeardShown(serializers.Serializer[Any]):
    """How much of it was known here."""

    heard = serializers.IntegerField()


class ProviderDoorViewSet(viewsets.GenericViewSet[Any]):
    """What providers say back. The address is the proof; nothing is told but a count."""

    policy: ClassVar = {"reports": Entry(permissions.anyone), "replies": Entry(permissions.anyone)}
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSON, FormParser)
    serializer_class = HeardShown
    metadata_class = None

    @extend_schema(exclude=True)  # spoken by gateways, in their words; no client of ours asks it
    def reports(self, request: Request, token: str) -> Response:
        """What became of a message: its number, ours or theirs, and a status."""
        return self._heard(token, request.data, phone.report)

    @extend_schema(exclude=True)
    def replies(self, request: Request, token: str) -> Response:
        """What somebody answered: their number, and a text with the code."""
        return self._heard(token, request.data, phone.reply)

    def _heard(
        self, token: str, said: Any, hear: Callable[[PagingProvider, Mapping[str, Any], datetime], int]
    ) -> Response:
        found = phone.provider_with(token)
        if found is None:
            raise NotFound(_("Nobody is heard here."))
        said = said if isinstance(said, Mapping) else {}
        return Response(HeardShown({"heard": hear(found, said, timezone.now())}).data)
