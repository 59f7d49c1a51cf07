"""Who follows a request, over REST: actions that the viewset of requests takes in."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.work.api.watchers import WatcherShown, Watching, watcher_named
from itsm.work.watching import watchers_of

FOLLOWING: dict[str, Entry] = {
    "watchers": Entry(permissions.anyone),
    "watch": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.may_see),
    "unwatch": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.speakers),
}


class FollowsRequests:
    """The actions of a request that people follow."""

    policy: ClassVar[Any]

    @extend_schema(responses={200: WatcherShown(many=True)}, operation_id="requests_watchers")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def watchers(self: Any, request: Request, number: str) -> Response:
        """Who follows it: they read its public side and hear what happens."""
        found = watchers_of(self.get_object()).select_related("by")
        return Response(WatcherShown(found, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=Watching, responses={201: WatcherShown}, operation_id="requests_watch")
    @watchers.mapping.post
    @idempotent()
    def watch(self: Any, request: Request, number: str) -> Response:
        """Follow it; whose it is, and who works on it, let somebody else follow it."""
        found = self.get_object()
        made = operations.watch(found, actor=self.actor, **self.validated(Watching))
        return Response(WatcherShown(made, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=None, responses={204: None}, operation_id="requests_unwatch")
    @action(detail=True, methods=["delete"], url_path="watchers/(?P<login>[^/]{1,150})", url_name="watcher")
    def unwatch(self: Any, request: Request, number: str, login: str) -> Response:
        """Somebody follows it no longer."""
        found = self.get_object()
        operations.unwatch(found, actor=self.actor, user=watcher_named(found, login).user)
        return Response(status=204)
