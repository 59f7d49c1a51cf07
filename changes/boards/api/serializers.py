"""Bodies and answers of boards, their meetings and what they decide about."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from catalog.services.queries import visible_services
from changes.boards.models import Board, Meeting, Minutes
from changes.boards.queries.agenda import Entry
from changes.boards.vocabulary import Part
from changes.calendar.rules.recurrence_rule import LONGEST
from changes.change.vocabulary import ChangeClass
from itsm.accounts.models import User
from itsm.api import fields
from itsm.api.people import PersonField, TeamField
from itsm.api.serializers import Shown, Strict
from itsm.approvals.models import PanelRule
from itsm.approvals.voting import Vote


class BoardSeat(Strict):
    """One person's part: chairs and members vote, advisers do not."""

    person = PersonField()
    part = fields.Choice(choices=Part.choices, default=Part.MEMBER)


class BoardFields(Strict):
    """All of a board; an empty part of its scope means all of it."""

    name = fields.Text(max_length=60, required=False)
    seats = serializers.ListField(child=BoardSeat(), required=False, max_length=100)
    services = serializers.ListField(child=ServiceField(), required=False, max_length=200)
    teams = serializers.ListField(child=TeamField(), required=False, max_length=100)
    tiers = serializers.ListField(child=fields.Whole(min_value=1, max_value=4), required=False, max_length=4)
    environments = serializers.ListField(child=EnvironmentNameField(), required=False, max_length=20)
    classes = serializers.ListField(child=fields.Text(max_length=12), required=False, max_length=4)
    quorum = fields.Whole(min_value=1, max_value=100, required=False)
    rule = fields.Choice(choices=PanelRule.choices, required=False)
    above: fields.Named = fields.Named(slug_field="slug", queryset=Board.objects.all(), required=False, allow_null=True)
    is_emergency = fields.YesNo(required=False)
    rrule = fields.Text(
        max_length=LONGEST, allow_blank=True, required=False, help_text="RFC 5545; empty: as meetings are planned"
    )
    zone = fields.Text(max_length=64, allow_blank=True, required=False, help_text="whose clocks the rule is meant by")
    first_meeting = fields.Instant(required=False, allow_null=True)
    meeting_minutes = fields.Whole(min_value=5, max_value=720, required=False, allow_null=True)

    def validate_classes(self, classes: list[str]) -> list[str]:
        """Kinds of change that there are."""
        unknown = sorted(set(classes) - set(ChangeClass.values))
        if unknown:
            raise serializers.ValidationError(
                gettext("There is no kind of change %(name)s; known are %(known)s.")
                % {"name": unknown[0], "known": ", ".join(ChangeClass.values)}
            )
        return classes

    def validate_seats(self, seats: list[Mapping[str, Any]]) -> dict[User, str]:
        """Person -> part; nobody sits twice."""
        found = {seat["person"]: seat["part"] for seat in seats}
        if len(found) < len(seats):
            raise serializers.ValidationError(gettext("Somebody is named twice."))
        return found


class NewBoard(BoardFields):
    name = fields.Text(max_length=60)
    seats = serializers.ListField(child=BoardSeat(), max_length=100)


class BoardShown(Shown):
    seats = serializers.SerializerMethodField()
    services = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()
    classes = serializers.SerializerMethodField()
    above: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Board
        fields = (
            "slug", "name", "seats", "services", "teams", "tiers", "environments", "classes", "quorum", "rule",
            "above", "is_emergency", "rrule", "zone", "first_meeting", "meeting_minutes", "retired_at", "version",
        )  # fmt: skip

    @extend_schema_field(BoardSeat(many=True))
    def get_seats(self, board: Board) -> list[dict[str, str]]:
        return [{"person": seat.person.username, "part": seat.part} for seat in board.seats.all()]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_services(self, board: Board) -> list[str]:
        """Those that the reader may see."""
        named = [service.pk for service in board.services.all()]
        if not named:
            return []
        seen = visible_services(self.context["view"].actor).filter(pk__in=named)
        return list(seen.order_by("slug").values_list("slug", flat=True))

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_classes(self, board: Board) -> list[str]:
        return list(board.classes)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_teams(self, board: Board) -> list[str]:
        return sorted(team.slug for team in board.teams.all())


class NewMeeting(Strict):
    board: fields.Named = fields.Named(slug_field="slug", queryset=Board.objects.all())
    starts_at = fields.Instant()
    ends_at = fields.Instant()


class MeetingMoved(Strict):
    """Another time for a meeting that is planned."""

    starts_at = fields.Instant()
    ends_at = fields.Instant()


class MeetingShown(Shown):
    board: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    chaired_by = PersonField(read_only=True, allow_null=True)
    present = serializers.SerializerMethodField(help_text="Who looked in, the first one first.")
    url = fields.OurAddress(source="get_absolute_url", read_only=True)

    class Meta:
        model = Meeting
        fields = (
            "id", "board", "starts_at", "ends_at", "status", "opened_at", "closed_at", "chaired_by", "present", "url",
            "scheduled_for", "version",
        )  # fmt: skip

    def get_present(self, meeting: Meeting) -> list[str]:
        return [one.person.username for one in meeting.presences.all()]


class MeetingOrder(Strict):
    order = serializers.ListField(child=fields.Whole(min_value=1), max_length=1000)


class BoardVote(Strict):
    """One vote. `vote_id`: a UUID that the client makes; sent again with it, the vote counts once."""

    vote_id = fields.Uuid()
    vote = fields.Choice(choices=[one.value for one in Vote])
    comment = fields.Text(max_length=4000, allow_blank=True, default="")
    seen = fields.Text(max_length=16, allow_blank=True, default="")


class ItemDecision(Strict):
    """The chair closes an item as the votes stand."""

    item = fields.Whole(min_value=1)
    comment = fields.Text(max_length=4000, allow_blank=True, default="")
    seen = fields.Text(max_length=16, allow_blank=True, default="")


class ItemDeferral(Strict):
    """Put off to another meeting of the board, by its number."""

    item = fields.Whole(min_value=1)
    to = fields.Whole(min_value=1)
    reason = fields.Text(max_length=500)


class ItemNotes(Strict):
    item = fields.Whole(min_value=1)
    notes = fields.Text(max_length=8000, allow_blank=True)


class FactorsShown(serializers.Serializer[Any]):
    """Each within 0..1 as decimal text; their geometric mean times 100 is the score."""

    risk = serializers.CharField()
    scarcity = serializers.CharField()
    conflict = serializers.CharField()
    novelty = serializers.CharField()


class CastShown(serializers.Serializer[Any]):
    by = serializers.CharField()
    in_place_of = serializers.CharField(allow_null=True)
    vote = serializers.CharField()
    comment = serializers.CharField()
    at = fields.Instant()


class AgendaItemShown(serializers.Serializer[Any]):
    """One change that a board is asked about. `needed`: the quorum as recusals left it; `counted` towards it so far."""

    id = serializers.IntegerField()
    place = serializers.IntegerField()
    change = serializers.CharField()
    summary = serializers.CharField()
    why = serializers.CharField()
    state = serializers.CharField()
    stands = serializers.CharField()
    score = serializers.CharField()
    factors = FactorsShown()
    needed = serializers.IntegerField()
    counted = serializers.IntegerField()
    due_at = fields.Instant(allow_null=True)
    votes = CastShown(many=True)
    notes = serializers.CharField()


class AgendaShown(serializers.Serializer[Any]):
    items = AgendaItemShown(many=True)


class MinutesShown(Shown):
    """The minutes, once written: as Markdown, and the same facts for programs."""

    facts = serializers.SerializerMethodField()

    class Meta:
        model = Minutes
        fields = ("written_at", "text", "facts")

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_facts(self, minutes: Minutes) -> Any:
        return minutes.facts


def item_shape(entry: Entry) -> dict[str, Any]:
    """An entry of an agenda as the API shows it."""
    return dict(AgendaItemShown(_shape(entry)).data)


def agenda_shape(entries: Sequence[Entry]) -> dict[str, Any]:
    """All of them, as the API shows them."""
    return {"items": AgendaItemShown([_shape(entry) for entry in entries], many=True).data}


def _shape(entry: Entry) -> dict[str, Any]:
    votes = sorted(entry.ask.answers.all(), key=lambda one: one.pk)
    return {
        "id": entry.ask.pk,
        "place": entry.place,
        "change": entry.change.reference,
        "summary": entry.change.summary,
        "why": entry.why,
        "state": entry.ask.status,
        "stands": entry.votes.why.value,
        "score": str(entry.score),
        "factors": {name: str(round(value, 4)) for name, value in entry.factors._asdict().items()},
        "needed": entry.votes.needed,
        "counted": entry.votes.counted,
        "due_at": entry.ask.due_at,
        "votes": [
            {
                "by": one.by.username,
                "in_place_of": one.in_place_of.username if one.in_place_of else None,
                "vote": one.decision,
                "comment": one.comment,
                "at": one.at,
            }
            for one in votes
        ],
        "notes": entry.item.notes if entry.item is not None else "",
    }
