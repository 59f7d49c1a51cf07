"""Rounds over REST: planned, opened, answered line by line, closed."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.cmdb.api.fields import ClassField, ItemField
from catalog.health import operations, permissions
from catalog.health.models import Round, RoundLine
from catalog.health.queries.rounds import lines_of, progress, visible_rounds
from catalog.health.vocabulary import Answer
from catalog.health.workflow import WORKFLOW
from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.idempotency import idempotent
from itsm.api.people import TeamField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.steps import draws_steps
from itsm.api.viewsets import Readable


class NewRound(Strict):
    name = fields.Text(max_length=120)
    due = serializers.DateField()
    team = TeamField(required=False, allow_null=True)
    environment = fields.Text(max_length=40, allow_blank=True, required=False)


NewRound._declared_fields["class"] = ClassField(source="ci_class", required=False, allow_null=True)


class RoundShown(Shown):
    """`total`, `waiting`: lines that the caller may see, and those of them that wait for an answer."""

    team = TeamField(read_only=True)
    total = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields: tuple[str, ...] = (
            "id", "name", "team", "environment", "due", "status", "opened_at", "ended_at", "total", "waiting",
            "created_at", "version",
        )  # fmt: skip

    def _progress(self, round: Round) -> Any:
        actor = self.context["view"].actor
        memo: dict[Any, Any] = actor.memo if actor.memo is not None else {}
        key = ("progress of a round", round.pk, round.status)
        if key not in memo:
            memo[key] = progress(lines_of(round, actor))
        return memo[key]

    def get_total(self, round: Round) -> int:
        return int(self._progress(round).total)

    def get_waiting(self, round: Round) -> int:
        return int(self._progress(round).waiting)


RoundShown._declared_fields["class"] = ClassField(source="ci_class", read_only=True)
RoundShown.Meta.fields = (*RoundShown.Meta.fields, "class")


class RoundLineShown(Shown):
    """`content`: the hash of the item as it is now, to be sent with an answer. `waits`: for an answer, or, since it
    changed after one, for another. `offered`: it may be confirmed with all others that are."""

    ci = ItemField(read_only=True)
    team = TeamField(read_only=True)
    content = serializers.CharField(read_only=True)
    waits = serializers.BooleanField(read_only=True)

    class Meta:
        model = RoundLine
        fields = ("id", "ci", "team", "offered", "answer", "at", "content", "waits")


class AnswerSent(Strict):
    answer = fields.Choice(choices=Answer.choices)
    content = fields.Text(max_length=32)


class ConfirmedShown(serializers.Serializer[Any]):
    confirmed = serializers.IntegerField()


_READ = Entry(permissions.health_readers)


@draws_steps(WORKFLOW, record="a round", scope=scopes.CATALOG_WRITE, who=permissions.round_keepers)
class RoundViewSet(Readable):
    """Rounds in which people confirm items, the newest first."""

    policy: ClassVar = {
        "list": _READ,
        "retrieve": _READ,
        "lines": _READ,
        "create": Entry(permissions.round_keepers, scopes.CATALOG_WRITE),
        "answer": Entry(permissions.answerers, scopes.CATALOG_WRITE),
        "confirm_offered": Entry(permissions.answerers, scopes.CATALOG_WRITE),
    }
    serializer_class = RoundShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Round]:
        return visible_rounds(self.actor)

    @extend_schema(request=NewRound, responses={201: RoundShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        made = operations.plan_round(actor=self.actor, at=timezone.now(), **self.validated(NewRound))
        return self.respond(made, 201, {"Location": f"/api/v1/rounds/{made.pk}/"})

    @extend_schema(responses={200: RoundLineShown(many=True)}, operation_id="rounds_lines")
    @action(detail=True, methods=["get"], filter_backends=[])
    def lines(self, request: Request, pk: str) -> Response:
        """The items that it asks for, as far as the caller may see them."""
        refuse_unknown(request.query_params, ())
        page = self.paginate_queryset(lines_of(self.get_object(), self.actor).order_by("-pk"))
        return self.get_paginated_response(RoundLineShown(page, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=AnswerSent, responses={200: RoundLineShown}, operation_id="rounds_answer")
    @action(detail=True, methods=["post"], url_path=r"lines/(?P<line>[0-9]{1,18})/answer")
    def answer(self, request: Request, pk: str, line: str) -> Response:
        """What a person says of an item as they saw it; 409 where it changed since."""
        said = self.validated(AnswerSent)
        lines = lines_of(self.get_object(), self.actor)
        found = get_object_or_404(lines.select_related("round", "ci__ci_class", "ci__team"), pk=int(line))
        operations.answer(found, said["answer"], actor=self.actor, seen=said["content"], at=timezone.now())
        answered = lines.get(pk=found.pk)
        return Response(RoundLineShown(answered, context=self.get_serializer_context()).data)

    @extend_schema(request=Nothing, responses={200: ConfirmedShown}, operation_id="rounds_confirm_offered")
    @action(detail=True, methods=["post"], url_path="confirm-offered")
    def confirm_offered(self, request: Request, pk: str) -> Response:
        """All that is offered and the caller may answer is right as it is."""
        self.validated(Nothing)
        found = operations.confirm_offered(self.get_object(), actor=self.actor, at=timezone.now())
        return Response({"confirmed": found})
