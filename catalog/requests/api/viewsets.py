"""Requests over REST: asking, following, replying, confirming. What is done to their items stands in `items`."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from catalog.requests import operations, permissions, queries
from catalog.requests.api.serializers import (
    ItemFiguresShown,
    NewRequest,
    RequestMade,
    RequestNoteShown,
    RequestSaying,
    RequestShown,
)
from catalog.requests.api.together import FOLLOWING, FollowsRequests
from catalog.requests.filters import RequestFilter
from catalog.requests.models import Request
from catalog.requests.workflow import REQUEST
from itsm.accounts import scopes
from itsm.accounts.reading import was_read
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.viewsets import Readable
from itsm.kernel.errors import InvalidInput, NotPermitted

MOST_DAYS = 366
_LONGEST = 4  # digits; longer ones are no days, whatever they begin with
NUMBER = "[A-Za-z]{3}-[0-9]{1,12}"


@draws_steps(REQUEST, record="a request", scope=scopes.REQUESTS_WRITE)
class RequestViewSet(FollowsRequests, Readable):
    """What people ask for. Keyed by number (REQ-00001), the newest first: your own, and what your queues hold."""

    policy: ClassVar = {
        **FOLLOWING,
        "list": Entry(permissions.anyone),
        "retrieve": Entry(permissions.anyone),
        "create": Entry(permissions.participants, scopes.REQUESTS_WRITE),
        "notes": Entry(permissions.anyone),
        "report": Entry(permissions.staff),
        "say": Entry(permissions.participants, scopes.REQUESTS_WRITE, over=queries.may_reply),
    }
    serializer_class = RequestShown
    filterset_class = RequestFilter
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def visible_rows(self) -> QuerySet[Request]:
        return queries.listed(self.actor)

    def get_object(self) -> Request:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(responses=RequestMade)
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """With its items."""
        found = self.get_object()
        was_read(found, self.actor)
        return self.respond(found)

    def get_serializer_class(self) -> Any:
        return RequestMade if self.action in {"retrieve", "create"} else RequestShown

    @extend_schema(request=NewRequest, responses={201: RequestMade})
    @idempotent()
    def create(self, request: HttpRequest) -> Response:
        """Ask for items of the catalog, each with the answers to its form."""
        said = self.validated(NewRequest)
        wishes = [operations.Wish(one["item"], one["quantity"], one["answers"]) for one in said.pop("items")]
        made, dropped = operations.submit(actor=self.actor, items=wishes, **said)
        made.dropped = dropped
        return self.respond(made, 201, {"Location": f"/api/v1/requests/{made.reference}/"})

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description="Of so many days, up to now: 1 to 366, 30 without it.")],
        responses={200: ItemFiguresShown(many=True)},
        operation_id="requests_report",
    )
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def report(self, request: HttpRequest) -> Response:
        """By item: how many were asked for, how long approval and fulfilment took."""
        refuse_unknown(request.query_params, ["days"], whole=True)
        asked = request.query_params.get("days", "30")
        if not asked.isdecimal() or len(asked) > _LONGEST or not 1 <= int(asked) <= MOST_DAYS:
            raise InvalidInput.about("days", _("Between 1 and %(most)s days.") % {"most": MOST_DAYS})
        until = timezone.now()
        found = queries.figures(self.actor, until - timedelta(days=int(asked)), until)
        return Response(ItemFiguresShown(found, many=True).data)

    @extend_schema(responses={200: RequestNoteShown(many=True)}, operation_id="requests_notes")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def notes(self, request: HttpRequest, number: str) -> Response:
        """What was written on it, as far as you may read it, oldest first."""
        found = self.get_object()
        told = queries.notes_on(found, with_private=permissions.readers(self.actor, found))
        return Response(RequestNoteShown(told, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=RequestSaying, responses={201: RequestNoteShown}, operation_id="requests_say")
    @notes.mapping.post
    @idempotent()
    def say(self, request: HttpRequest, number: str) -> Response:
        """A reply, or a private note of those who work on it. A reply of whose it is takes up what waits for them."""
        found, said = self.get_object(), self.validated(RequestSaying)
        if said["private"] and not permissions.readers(self.actor, found):
            words = {"name": self.actor.name, "reference": found.reference}
            raise NotPermitted(_("%(name)s writes no notes on %(reference)s.") % words)
        note, _files = operations.say(found, actor=self.actor, **said)
        return Response(RequestNoteShown(note, context=self.get_serializer_context()).data, status=201)
