"""Who follows a request, over REST: actions that the viewset of requests takes in."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from catalog.requests.models import Request as Wanted
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Shown, Strict
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.work.models import Watcher
from itsm.work.watching import watchers_of


def _may_unwatch(actor: Actor, request: Wanted) -> bool:
    """Who follows it, and for others who may let them."""
    return permissions.concerned(actor, request) or watchers_of(request).filter(user=actor.id).exists()


FOLLOWING: dict[str, Entry] = {
    "watchers": Entry(permissions.anyone),
    "watch": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.may_see),
    "unwatch": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=_may_unwatch),
}


class RequestWatching(Strict):
    """Without `user`: oneself."""

    user = PersonField(required=False)


class RequestWatcherShown(Shown):
    """Who follows it."""

    user = PersonField(read_only=True)
    by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Watcher
        fields = ("user", "by", "at", "muted")


class FollowsRequests:
    """The actions of a request that people follow."""

    policy: ClassVar[Any]

    @extend_schema(responses={200: RequestWatcherShown(many=True)}, operation_id="requests_watchers")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def watchers(self: Any, request: Request, number: str) -> Response:
        """Who follows it: they read its public side and hear what happens."""
        found = watchers_of(self.get_object()).select_related("by")
        return Response(RequestWatcherShown(found, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=RequestWatching, responses={201: RequestWatcherShown}, operation_id="requests_watch")
    @watchers.mapping.post
    @idempotent()
    def watch(self: Any, request: Request, number: str) -> Response:
        """Follow it; whose it is, and who works on it, let somebody else follow it."""
        found = self.get_object()
        made = operations.watch(found, actor=self.actor, **self.validated(RequestWatching))
        return Response(RequestWatcherShown(made, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="requests_unwatch")
    @action(detail=True, methods=["delete"], url_path="watchers/(?P<login>[^/]{1,150})", url_name="watcher")
    def unwatch(self: Any, request: Request, number: str, login: str) -> Response:
        """Somebody follows it no longer."""
        found = self.get_object()
        watcher = watchers_of(found).filter(user__username__iexact=login).first()
        if watcher is None:
            raise NotFound(_("Nobody of this name follows it."))
        operations.unwatch(found, actor=self.actor, user=watcher.user)
        return Response(status=204)
