"""Boards, meetings and votes over REST: find, parse, call one operation, render."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from changes.boards import permissions
from changes.boards.api.files import MarkdownRenderer, PdfRenderer
from changes.boards.api.serializers import (
    AgendaItemShown,
    AgendaShown,
    BoardFields,
    BoardShown,
    BoardVote,
    ItemDecision,
    ItemDeferral,
    ItemNotes,
    MeetingMoved,
    MeetingOrder,
    MeetingShown,
    MinutesShown,
    NewBoard,
    NewMeeting,
    agenda_shape,
    item_shape,
)
from changes.boards.filters import MeetingFilter
from changes.boards.models import Board, Meeting
from changes.boards.operations import agenda as deciding
from changes.boards.operations import keeping, meetings
from changes.boards.queries import agenda as agendas
from changes.boards.queries.asks import ask_of_board
from changes.boards.workflow import MEETING
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.steps import draws_steps
from itsm.api.versions import tagged, version_read
from itsm.api.viewsets import Readable, Rows
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.errors import NotFound


class BoardViewSet(Readable):
    """Boards: which changes they decide about, who sits in them."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "create": Entry(permissions.board_keepers, scopes.CHANGES_APPROVE),
        "partial_update": Entry(permissions.board_keepers, scopes.CHANGES_APPROVE),
        "retire": Entry(permissions.board_keepers, scopes.CHANGES_APPROVE),
    }
    serializer_class = BoardShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,63}"

    def visible_rows(self) -> QuerySet[Board]:
        return Board.objects.select_related("above").prefetch_related("seats__person", "services", "teams").order_by()

    @extend_schema(request=NewBoard, responses={201: BoardShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Found a board. Changes in its scope that need a board are put to it from now on."""
        board = keeping.found_board(actor=self.actor, at=timezone.now(), **self.validated(NewBoard))
        return self._shown(board, 201, {"Location": f"/api/v1/boards/{board.slug}/"})

    @extend_schema(request=BoardFields, responses=BoardShown)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change it; what is not sent stays."""
        words = self.validated(BoardFields)
        board = keeping.edit_board(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        return self._shown(board)

    @extend_schema(request=Nothing, responses=BoardShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """Nobody is asked of it any longer."""
        self.validated(Nothing)
        board = keeping.retire_board(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self._shown(board)

    def _shown(self, board: Board, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return self.respond(self.visible_rows().get(pk=board.pk), status, headers)


@draws_steps(MEETING, record="a meeting", scope=scopes.CHANGES_APPROVE, who=permissions.voters)
class MeetingViewSet(Readable):
    """Meetings of boards: agenda, order, decisions and minutes. Votes are cast at `/items/{id}/votes/`."""

    policy: ClassVar = {
        "list": Entry(permissions.readers),
        "retrieve": Entry(permissions.readers),
        "agenda": Entry(permissions.readers),
        "minutes": Entry(permissions.readers),
        "create": Entry(permissions.voters, scopes.CHANGES_APPROVE),
        "partial_update": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=permissions.planners),
        "order": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=permissions.chairs),
        "decide": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=permissions.chairs),
        "defer": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=permissions.chairs),
        "note": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=permissions.chairs),
    }
    serializer_class = MeetingShown
    filterset_class = MeetingFilter
    lookup_value_regex = "[0-9]{1,18}"

    def get_renderers(self) -> Any:
        found: list[Any] = [JSONRenderer()]
        return [*found, MarkdownRenderer(), PdfRenderer()] if getattr(self, "action", None) == "minutes" else found

    def visible_rows(self) -> QuerySet[Meeting]:
        found = Meeting.objects.select_related("board", "chaired_by")
        return found.prefetch_related("presences__person", "board__seats").order_by()

    @extend_schema(request=NewMeeting, responses={201: MeetingShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Plan a meeting; the board's people hear of it."""
        meeting = meetings.plan_meeting(actor=self.actor, at=timezone.now(), **self.validated(NewMeeting))
        return self.respond(meeting, 201, {"Location": f"/api/v1/meetings/{meeting.pk}/"})

    @extend_schema(request=MeetingMoved, responses=MeetingShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another time for a meeting that is planned; its people hear of it."""
        words = self.validated(MeetingMoved)
        meeting = meetings.move_meeting(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(), **words
        )
        return self.respond(meeting)

    @extend_schema(responses=AgendaShown)
    @action(detail=True, methods=["get"], filterset_class=None)
    def agenda(self, request: Request, pk: str) -> Response:
        """What the board is asked, the most pressing first, with the factors of each."""
        return self._agenda(self.get_object())

    @extend_schema(
        responses={
            (200, "application/json"): MinutesShown,
            (200, MarkdownRenderer.media_type): OpenApiTypes.STR,
            (200, PdfRenderer.media_type): OpenApiTypes.BINARY,
        }
    )
    @action(detail=True, methods=["get"], serializer_class=MinutesShown, filterset_class=None)
    def minutes(self, request: Request, pk: str) -> Response:
        """What was decided: facts, or a file (`Accept: text/markdown`, `application/pdf`); 404 before the close."""
        written = getattr(self.get_object(), "minutes", None)
        if written is None:
            raise NotFound(gettext("The minutes are written when the meeting closes."))
        if isinstance(request.accepted_renderer, MarkdownRenderer):
            return Response(written)
        return Response(MinutesShown(written, context=self.get_serializer_context()).data)

    @extend_schema(request=MeetingOrder, responses=AgendaShown)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: str) -> Response:
        """The chair's order of the agenda; the minutes say who changed it."""
        words = self.validated(MeetingOrder)
        return self._agenda(deciding.reorder(self.get_object(), actor=self.actor, order=words["order"]))

    @extend_schema(request=ItemDecision, responses=AgendaShown)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """The chair closes an item as the votes stand."""
        words, meeting = self.validated(ItemDecision), self.get_object()
        asked = ask_of_board(words["item"])
        said = {name: words[name] for name in ("comment", "seen")}
        deciding.close_item(meeting, asked, actor=self.actor, at=timezone.now(), **said)
        return self._agenda(meeting)

    @extend_schema(request=ItemDeferral, responses=AgendaShown)
    @action(detail=True, methods=["post"])
    def defer(self, request: Request, pk: str) -> Response:
        """Put an item off to a later meeting, with a reason."""
        words, meeting = self.validated(ItemDeferral), self.get_object()
        to = Meeting.objects.filter(pk=words["to"]).first()
        if to is None:
            raise NotFound(gettext("There is no meeting %(number)d.") % {"number": words["to"]})
        deciding.defer(meeting, ask_of_board(words["item"]), actor=self.actor, to=to, reason=words["reason"])
        return self._agenda(meeting)

    @extend_schema(request=ItemNotes, responses=AgendaShown)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        """What is said about an item, for the minutes."""
        words, meeting = self.validated(ItemNotes), self.get_object()
        deciding.note(meeting, ask_of_board(words["item"]), actor=self.actor, notes=words["notes"])
        return self._agenda(meeting)

    def _agenda(self, meeting: Meeting) -> Response:
        now = self.visible_rows().get(pk=meeting.pk)
        return Response(agenda_shape(agendas.agenda(now, answers=True)))


class ItemViewSet(Rows):
    """What a board is asked about one change, before a meeting and in it."""

    policy: ClassVar = {
        "retrieve": Entry(permissions.readers),
        "votes": Entry(permissions.voters, scopes.CHANGES_APPROVE, over=deciding.may_be_heard),
    }
    serializer_class = AgendaItemShown
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[ApprovalRequest]:
        return agendas.items()

    def get_queryset(self) -> QuerySet[ApprovalRequest]:
        return ApprovalRequest.objects.none() if getattr(self, "swagger_fake_view", False) else self.visible_rows()

    @extend_schema(responses=AgendaItemShown)
    def retrieve(self, request: Request, pk: str) -> Response:
        """How it stands."""
        return self._item(int(pk))

    @extend_schema(request=BoardVote, responses={201: AgendaItemShown})
    @action(detail=True, methods=["post"])
    def votes(self, request: Request, pk: str) -> Response:
        """One member's vote; with If-Match only about the version of the change that was read."""
        words: dict[str, Any] = self.validated(BoardVote) | {"version": version_read(request)}
        deciding.vote(ask_of_board(int(pk)), actor=self.actor, at=timezone.now(), **words)
        return self._item(int(pk), 201)

    def _item(self, pk: int, status: int = 200) -> Response:
        """With the version of the change as its tag: a vote may say which one was read."""
        asked = ask_of_board(pk)
        return tagged(Response(item_shape(agendas.entry_of(asked)), status=status), asked.change.version)
