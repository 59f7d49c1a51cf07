"""A board: which changes it decides about, who sits in it, and how its votes become a decision."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.boards.vocabulary import Part
from changes.calendar.rules.recurrence_rule import LONGEST
from changes.change.vocabulary import ChangeClass
from itsm.approvals.models import PanelRule
from itsm.slugs import slug_shape


class Board(models.Model):
    """Decides about changes in its scope that need a board; an empty part of the scope means all of it.

    `above`: who is asked where too few of this one may decide. `is_emergency`: asked for emergencies, and only then.
    Its standing schedule: by `rrule` (RFC 5545), meant by the clocks of `zone`, from `first_meeting` on, each for
    `meeting_minutes`; without a rule it meets as it is planned.
    """

    kind = "change_board"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=60)
    services = models.ManyToManyField("catalog.Service", blank=True, related_name="+", verbose_name=_("services"))
    teams = models.ManyToManyField("accounts.Team", blank=True, related_name="+", verbose_name=_("teams"))
    tiers = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("tiers"), default=list, blank=True)
    environments = ArrayField(models.CharField(max_length=40), verbose_name=_("environments"), default=list, blank=True)
    classes = ArrayField(
        models.CharField(max_length=12, choices=ChangeClass),
        verbose_name=_("kinds of change"),
        default=list,
        blank=True,
    )
    quorum = models.PositiveSmallIntegerField(_("quorum"), default=1)
    rule = models.CharField(_("rule"), max_length=12, choices=PanelRule, default=PanelRule.NONE_AGAINST)
    above = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="below", verbose_name=_("board above")
    )
    is_emergency = models.BooleanField(_("for emergencies"), default=False)
    rrule = models.TextField(_("meets"), max_length=LONGEST, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    first_meeting = models.DateTimeField(_("first meeting"), null=True, blank=True)
    meeting_minutes = models.PositiveSmallIntegerField(_("minutes of a meeting"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(rrule="", zone="", first_meeting=None, meeting_minutes=None)
                | ~Q(rrule="") & ~Q(zone="") & Q(first_meeting__isnull=False, meeting_minutes__gte=5),
                name="a_standing_schedule_is_said_whole",
            ),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="a_board_decides_by_one_at_least"),
            models.CheckConstraint(condition=Q(rule__in=PanelRule.values), name="board_rule_is_known"),
            models.CheckConstraint(condition=Q(above=None) | ~Q(above=F("id")), name="no_board_is_above_itself"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/changes/boards/{self.slug}/"


class Seat(models.Model):
    """One person's part in a board."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="seats", verbose_name=_("board"))
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    part = models.CharField(_("part"), max_length=10, choices=Part, default=Part.MEMBER)

    class Meta:
        verbose_name = _("seat in a board")
        verbose_name_plural = _("seats in boards")
        ordering = ("board", "id")
        constraints = [
            models.UniqueConstraint(fields=["board", "person"], name="one_seat_per_person_and_board"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="part_in_a_board_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.board}"
