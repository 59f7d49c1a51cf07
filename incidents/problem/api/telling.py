"""Broadcasts, known errors and figures of problems over REST: actions that the viewset of problems takes in."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.incident.queries import by_reference
from incidents.problem import operations, permissions, queries
from incidents.problem.api.serializers import (
    Applying,
    Broadcasting,
    BroadcastShown,
    BurnShown,
    KnownErrorShown,
    ProblemShown,
)
from incidents.problem.api.together import READ, WORK
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.kernel.actors import Actor

POLICY: dict[str, Entry] = {
    "known_errors": Entry(permissions.staff),
    "burn": READ,
    "broadcasts": READ,
    "broadcast": WORK,
    "apply": Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.readers),
}
_LONGEST = 2000


class Telling:
    """What a problem tells, and what it burned."""

    actor: Actor
    get_object: Any
    validated: Any
    respond: Callable[..., Response]
    get_serializer_context: Any

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="What somebody sees, in their words."),
            OpenApiParameter("incident", str, description="An incident, whose words are looked for without `q`."),
        ],
        responses={200: KnownErrorShown(many=True)},
        operation_id="problems_known_errors",
    )
    @action(
        detail=False, methods=["get"], url_path="known-errors", url_name="known", pagination_class=None,
        filter_backends=[],
    )  # fmt: skip
    def known_errors(self, request: Request) -> Response:
        """Known errors that fit, the best first: at most 5 of an incident, else 50."""
        refuse_unknown(request.query_params, ["q", "incident"], whole=True)
        text, named = (request.query_params.get(name, "")[:_LONGEST] for name in ("q", "incident"))
        if named:
            found = queries.fitting(by_reference(self.actor, named), self.actor, text)
        else:
            found = queries.known_errors(self.actor, text)
        problems = [one.problem for one in found]
        return Response(KnownErrorShown(problems, many=True, context=self.get_serializer_context()).data)

    @extend_schema(responses={200: BurnShown}, operation_id="problems_burn")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def burn(self, request: Request, number: str) -> Response:
        """What it burned of error budgets in the last 28 days, and the outages behind the figure."""
        return Response(BurnShown(queries.burn_of(self.get_object())).data)

    @extend_schema(responses={200: BroadcastShown(many=True)}, operation_id="problems_broadcasts")
    @action(
        detail=True, methods=["get"], url_path="broadcast", url_name="broadcast", pagination_class=None,
        filter_backends=[],
    )  # fmt: skip
    def broadcasts(self, request: Request, number: str) -> Response:
        """What it told those who wait, the newest first, and how that goes."""
        return Response(BroadcastShown(queries.broadcasts_of(self.get_object(), self.actor), many=True).data)

    @extend_schema(request=Broadcasting, responses={200: BroadcastShown}, operation_id="problems_broadcast")
    @broadcasts.mapping.post
    def broadcast(self, request: Request, number: str) -> Response:
        """Tell every open incident of it, once for each version of the words."""
        problem = self.get_object()
        operations.broadcast(problem, actor=self.actor, **self.validated(Broadcasting))
        return Response(BroadcastShown(queries.broadcasts_of(problem, self.actor)[0]).data)

    @extend_schema(request=Applying, responses={200: ProblemShown}, operation_id="problems_apply")
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, number: str) -> Response:
        """Link an incident to this known error, and write its workaround there."""
        done = operations.apply(self.get_object(), actor=self.actor, **self.validated(Applying))
        return self.respond(done)
