"""One's chat accounts over REST. A link begins in the chat and is confirmed on a page, signed in: here it is ended."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.permissions import anyone
from itsm.api.permissions import Entry
from itsm.api.routing import Router
from itsm.api.serializers import Shown
from itsm.api.viewsets import Readable
from itsm.webhooks.models import ChatAccount
from itsm.webhooks.slash import accounts

_ALL_RIGHTS = "account:own"


class ChatAccountShown(Shown):
    """`chat`: the endpoint that hears its commands; `name`: what it is called there."""

    chat = serializers.CharField(source="endpoint.name")

    class Meta:
        model = ChatAccount
        fields = ("id", "chat", "chat_user", "name", "linked_at")


class ChatAccountViewSet(Readable):
    """Chat accounts whose commands count as one's own."""

    policy: ClassVar = {
        "list": Entry(anyone),
        "retrieve": Entry(anyone),
        "destroy": Entry(anyone, _ALL_RIGHTS, over=anyone),
    }
    serializer_class = ChatAccountShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[ChatAccount]:
        return accounts.accounts_of(self.actor)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """Its commands are nobody's any more."""
        accounts.end(self.get_object().pk, actor=self.actor)
        return Response(status=204)


def register(router: Router) -> None:
    """Its place below /api/v1/."""
    router.register("me/chat-accounts", ChatAccountViewSet, basename="chat-account")
