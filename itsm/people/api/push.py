"""Devices that show one's news, over REST. A browser is given what is sent here by its push service."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.permissions import anyone
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.api.versions import refuse_if_match
from itsm.api.viewsets import Readable
from itsm.notifications.models import PushDevice
from itsm.notifications.pushing import devices as operations

_ALL_RIGHTS = "account:own"


class PushDeviceShown(Shown):
    class Meta:
        model = PushDevice
        fields = ("id", "name", "shows_content", "created_at", "sent_at", "shown_at")


class PushDeviceAdding(Strict):
    name = fields.Text(max_length=120)
    endpoint = fields.Text(max_length=1000, help_text="of the subscription: https")
    p256dh = fields.Text(max_length=100, help_text="its public key, base64url")
    auth = fields.Text(max_length=40, help_text="its shared secret, base64url")
    shows_content = fields.YesNo(default=False, help_text="titles may be read on its lock screen")


class PushDeviceEditing(Strict):
    shows_content = fields.YesNo()


class PushDeviceViewSet(Readable):
    """Devices on which one's news are shown. Each is added on the device itself."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "create": Entry(anyone, _ALL_RIGHTS),
        "partial_update": Entry(anyone, _ALL_RIGHTS, over=anyone),
        "destroy": Entry(anyone, _ALL_RIGHTS, over=anyone),
    }
    serializer_class = PushDeviceShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[PushDevice]:
        return operations.devices_of(self.actor)

    @extend_schema(request=PushDeviceAdding, responses={201: PushDeviceShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Show one's news on this browser too."""
        return self.respond(operations.add(actor=self.actor, **self.validated(PushDeviceAdding)), 201)

    @extend_schema(request=PushDeviceEditing, responses=PushDeviceShown)
    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """Say whether titles may be read on it."""
        device = self.get_object()  # first: whose it is not, reads nothing of what is wrong with the rest
        refuse_if_match(request)
        return self.respond(operations.show_content(device.pk, actor=self.actor, **self.validated(PushDeviceEditing)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """Nothing is sent to it any more."""
        operations.end(self.get_object().pk, actor=self.actor)
        return Response(status=204)
