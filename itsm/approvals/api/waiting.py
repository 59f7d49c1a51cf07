"""What waits for one's word, over REST, whatever kind of record it is about; and that word."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import permissions, scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.serializers import Strict
from itsm.api.viewsets import Rows
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import unanswered_first
from itsm.approvals.waiting import Waiting, ask_told, kind_of, kinds, told
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, WrongState
from itsm.notifications.web_addresses import our_address


class WaitingShown(serializers.Serializer[Any]):
    """An ask with what is told of its record. `content_hash`: of what was read; an answer names it.

    `answer_at`: where to POST the word; null for what has an address of its own, such as changes: see `url`.
    `answered`: what this person said last, where it may be said again.
    """

    id = serializers.IntegerField(source="ask.pk")
    record_kind = serializers.CharField(source="ask.record_kind")
    record = serializers.CharField(source="told.reference")
    title = serializers.CharField(source="told.title")
    reason = serializers.CharField(source="told.reason")
    authority = serializers.CharField(source="ask.authority")
    quorum = serializers.IntegerField(source="ask.quorum")
    status = serializers.CharField(source="ask.status")
    asked_at = fields.Instant(source="ask.asked_at")
    due_at = fields.Instant(source="ask.due_at", allow_null=True)
    overdue = serializers.BooleanField(source="is_overdue")
    answered = serializers.CharField(source="said.decision", allow_null=True, default=None)
    content_hash = serializers.CharField(source="ask.content_hash")
    url = fields.OurAddress(source="told.path")
    answer_at = serializers.SerializerMethodField()

    class Meta:
        model = ApprovalRequest  # what its number is of

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_answer_at(self, item: Waiting) -> str | None:
        if kind_of(item.ask).answer is None:
            return None
        return our_address(f"/api/v1/approvals/{item.ask.pk}/answer/")


class WordSent(Strict):
    """Approve or decline what was read; a no says why."""

    decision = fields.Choice(choices=["approve", "decline"])
    comment = fields.Text(max_length=4000, allow_blank=True, default="")
    content_hash = fields.Text(max_length=64)


def the_asked(actor: Actor, item: Waiting) -> bool:
    """Whose answer counts. Raises NotPermitted with the rule that stands in the way of all others."""
    refuse_unless_asked(item.ask, actor, item.told.reference)
    return True


class ApprovalViewSet(Rows):
    """What waits for people's word. Keyed by number."""

    policy: ClassVar = {
        "mine": Entry(permissions.anyone),
        "answer": Entry(permissions.anyone, (scopes.APPROVE, scopes.REQUESTS_APPROVE), over=the_asked),
    }
    serializer_class = WaitingShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[ApprovalRequest]:
        asks = unanswered_first(self.actor).filter(record_kind__in=list(kinds()))
        return asks.prefetch_related("answers__by", "answers__in_place_of")

    def get_object(self) -> Any:
        return ask_told(self.actor, int(self.kwargs["pk"]), timezone.now())

    @extend_schema(responses={200: WaitingShown(many=True)}, operation_id="approvals_mine")
    @action(detail=False, methods=["get"])
    def mine(self, request: Request) -> Response:
        """What waits for this account's word, the newest first."""
        refuse_unknown(request.query_params, ())
        page = told(self.paginate_queryset(self.visible_rows()) or [], self.actor, timezone.now())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=WordSent, responses={200: WaitingShown}, operation_id="approvals_answer")
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Approve or decline; what follows from it is done at once."""
        item = self.get_object()
        said = self.validated(WordSent)
        answer = kind_of(item.ask).answer
        if answer is None:
            words = {"record": item.told.reference, "path": item.told.path}
            raise WrongState(gettext("%(record)s is decided at its own address: %(path)s") % words)
        answer(item.ask, actor=self.actor, at=timezone.now(), **said)
        return Response(self.get_serializer(self._now(item)).data)

    def _now(self, item: Waiting) -> Waiting:
        """As it stands after the word; whoever may read nothing of it any more is told what they had read."""
        try:
            return ask_told(self.actor, item.ask.pk, timezone.now())
        except NotFound:
            item.ask.refresh_from_db(fields=["status", "decided_at"])
            return item
