"""A meeting of a board: its agenda as the chair has it, who was there, and the minutes, written once."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.boards.models.board import Board
from changes.boards.vocabulary import MeetingStatus, Part
from changes.boards.workflow import MEETING
from itsm.audit import append_only
from itsm.audit.legal_moves import OnlyMoves


class Meeting(models.Model):
    """What votes did not settle is decided here. Its agenda is what the board is asked, unless it was put off."""

    kind = "meeting"
    untold = ("pre_read_at",)
    workflow = MEETING

    board = models.ForeignKey(Board, models.PROTECT, related_name="meetings", verbose_name=_("board"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    status = models.CharField(_("state"), max_length=10, choices=MeetingStatus, default=MeetingStatus.PLANNED)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    chaired_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chaired by")
    )
    # Which meeting of the standing schedule this is, wherever it was moved to since.
    scheduled_for = models.DateTimeField(_("by the schedule"), null=True, blank=True, editable=False)
    pre_read_at = models.DateTimeField(_("pre-read sent at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("meeting of a board")
        verbose_name_plural = _("meetings of boards")
        ordering = ("-starts_at", "-id")
        triggers = [OnlyMoves(MEETING)]
        indexes = [
            models.Index(fields=["board", "-starts_at"], name="meeting_by_board"),
            models.Index(fields=["starts_at"], name="meeting_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MeetingStatus.values), name="meeting_status_is_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_meeting_ends_after_it_starts"),
            models.UniqueConstraint(fields=["board", "scheduled_for"], name="a_schedule_plans_each_meeting_once"),
            models.UniqueConstraint(
                fields=["board"], condition=Q(status="in_session"), name="a_board_meets_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board} {self.starts_at:%Y-%m-%d}"

    @property
    def reference(self) -> str:
        return f"meeting-{self.pk}"

    @property
    def chair_ids(self) -> frozenset[int]:
        """Who sits in its board's chair; nobody in a board that is not stored."""
        seats = self.board.seats.all() if self.board.pk else ()
        return frozenset(seat.person_id for seat in seats if seat.part == Part.CHAIR)

    def get_absolute_url(self) -> str:
        return f"/changes/meetings/{self.pk}/"


class Item(models.Model):
    """What a meeting says about one ask: its place where the chair chose one, notes, or that it was put off."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items", verbose_name=_("meeting"))
    ask = models.ForeignKey("approvals.ApprovalRequest", models.PROTECT, related_name="+", verbose_name=_("ask"))
    place = models.PositiveSmallIntegerField(_("place"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=8000)
    deferred_to = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put off to")
    )
    deferred_because = models.CharField(_("put off because"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("item of an agenda")
        verbose_name_plural = _("items of agendas")
        ordering = ("meeting", "place", "id")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "ask"], name="an_item_stands_once_on_an_agenda"),
            models.CheckConstraint(
                condition=Q(deferred_to=None, deferred_because="")
                | (Q(deferred_to__isnull=False) & ~Q(deferred_because="")),
                name="what_is_put_off_says_why_and_until_when",
            ),
            models.CheckConstraint(
                condition=Q(deferred_to=None) | ~Q(deferred_to=F("meeting")), name="put_off_to_another_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"item of ask {self.ask_id}"


class Presence(models.Model):
    """Somebody looked at the meeting while it was in session, first and last so far."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="presences", verbose_name=_("meeting"))
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    came_at = models.DateTimeField(_("came at"))
    seen_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("presence in a meeting")
        verbose_name_plural = _("presences in meetings")
        ordering = ("came_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="one_presence_per_person_and_meeting")
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.meeting}"


class Minutes(models.Model):
    """What happened, written once when the meeting closed. `facts` is the same as `text` for programs."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes", verbose_name=_("meeting"))
    facts = models.JSONField(_("facts"))
    text = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        ordering = ("-id",)
        triggers = append_only.KEPT

    def __str__(self) -> str:
        return f"minutes of {self.meeting}"
