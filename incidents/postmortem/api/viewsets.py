"""Postmortems over REST. Each step is a POST to its own name."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortem import operations, permissions, queries
from incidents.postmortem.api.serializers import (
    ActionShown,
    NewPostmortem,
    OwnerShown,
    PostmortemEditing,
    PostmortemShown,
)
from incidents.postmortem.api.together import POLICY, READ, WORK, Together
from incidents.postmortem.filters import ActionFilter, PostmortemFilter
from incidents.postmortem.models import Postmortem, PostmortemAction
from incidents.postmortem.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable


@draws_steps(
    WORKFLOW,
    record="a postmortem",
    scope=scopes.INCIDENTS_WRITE,
    who=permissions.participants,
)
class PostmortemViewSet(Together, Readable):
    """What was learnt from incidents and problems: factors, a timeline, actions tracked to their end. Keyed by number
    (PM-00042), the newest first."""

    policy: ClassVar = {
        **POLICY,
        "list": Entry(permissions.staff),
        "retrieve": READ,
        "create": Entry(permissions.responders, scopes.INCIDENTS_WRITE),
        "partial_update": WORK,
    }
    serializer_class = PostmortemShown
    filterset_class = PostmortemFilter
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{2}-[0-9]{1,12}"

    def visible_rows(self) -> QuerySet[Postmortem]:
        return queries.listed(self.actor)

    def get_object(self) -> Postmortem:
        return queries.by_reference(self.actor, self.kwargs["number"])

    @extend_schema(request=NewPostmortem, responses={201: PostmortemShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Begin one, its timeline filled from the record."""
        words = self.validated(NewPostmortem)
        about = queries.about_named(self.actor, words.pop("about"))
        postmortem = operations.open_postmortem(actor=self.actor, at=timezone.now(), **about, **words)
        return self.respond(postmortem, 201, {"Location": f"/api/v1/postmortems/{postmortem.reference}/"})

    @extend_schema(request=PostmortemEditing, responses={200: PostmortemShown})
    def partial_update(self, request: Request, number: str) -> Response:
        """Write in a draft. Whoever does does not publish it."""
        words = self.validated(PostmortemEditing)
        return self.respond(
            operations.edit(self.get_object(), actor=self.actor, version=version_read(request), **words)
        )


class PostmortemActionViewSet(Readable):
    """Actions of all postmortems, the most pressing first; waived postmortems have none."""

    policy: ClassVar = {name: Entry(permissions.staff) for name in ("list", "retrieve", "by_owner")}
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = ActionShown
    filterset_class = ActionFilter

    def visible_rows(self) -> QuerySet[PostmortemAction]:
        return queries.actions_seen(self.actor).select_related("done_by")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("many") and args:
            kwargs["context"] = {**self.get_serializer_context(), "links": queries.links_of(args[0], self.actor)}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(responses={200: OwnerShown(many=True)}, operation_id="postmortem_actions_by_owner", filters=False)
    @action(detail=False, methods=["get"], url_path="by-owner", url_name="by-owner", pagination_class=None,
            filter_backends=[], filterset_class=None)  # fmt: skip
    def by_owner(self, request: Request) -> Response:
        """Who has how many open actions, and how many are overdue: the latest first."""
        refuse_unknown(request.query_params, ())
        rows = queries.by_owner(self.actor, timezone.now())
        return Response(OwnerShown(rows, many=True, context=self.get_serializer_context()).data)
