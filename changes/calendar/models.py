"""The calendar: freezes, blackouts, lockdowns and maintenance, with their scope, and when each of them is."""

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.calendar.workflow import LOCKDOWN, WindowStatus
from itsm.audit.legal_moves import OnlyMoves

# The kinds of changes, as the gate counts them: by what is proven, not by what is claimed.
KINDS = (
    ("standard", _("standard")),
    ("normal", _("normal")),
    ("emergency", _("emergency")),
    ("reliability_fix", _("reliability fix")),
    ("security_fix", _("security fix")),
    ("rollback", _("rollback")),
    ("flag_off", _("flag off")),
)


class CalendarWindow(models.Model):
    """Changes in scope wait until it ends (maintenance: they are meant to happen then).

    `starts_at`, `ends_at`: the one time, or the first of many where `rrule` repeats it in `zone`. Its scope is what all
    that it names have in common; what is empty narrows nothing. `change_kinds`: as the gate counts a change, so by
    what is proven. `demanded`: changes in scope happen in such a maintenance only. `known_until`: up to here the
    occurrences of what recurs are written down.
    A lockdown alone has a life (`changes.calendar.workflow`); everything else is in force from the start. What is not
    in force has no occurrences, so nothing that reads the calendar knows of it.
    """

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", _("Maintenance")
        FREEZE = "freeze", _("Freeze")
        BLACKOUT = "blackout", _("Blackout")
        LOCKDOWN = "lockdown", _("Lockdown")

    kind = "calendar_window"
    workflow = LOCKDOWN

    window_type = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    services = models.ManyToManyField(
        "catalog.Service", blank=True, related_name="calendar_windows", verbose_name=_("services")
    )
    with_dependents = models.BooleanField(_("and what depends on them"), default=False)
    tiers = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("tiers"), default=list)
    teams = models.ManyToManyField(
        "accounts.Team", blank=True, related_name="calendar_windows", verbose_name=_("teams")
    )
    environments = ArrayField(models.CharField(max_length=40), verbose_name=_("environments"), default=list)
    change_kinds = ArrayField(
        models.CharField(max_length=20, choices=KINDS), verbose_name=_("kinds of change"), default=list
    )
    demanded = models.BooleanField(_("changes happen here only"), default=False)
    rrule = models.TextField(_("repeats"), max_length=500, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    known_until = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.TextField(_("reason"), max_length=2000)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(
        _("state"), max_length=20, choices=WindowStatus, default=WindowStatus.ENFORCED, editable=False
    )
    # Of a lockdown: who approved it, which enforced it.
    enforced_at = models.DateTimeField(_("enforced at"), null=True, blank=True, editable=False)
    enforced_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("calendar window")
        verbose_name_plural = _("calendar windows")
        ordering = ("starts_at", "id")
        triggers = [OnlyMoves(LOCKDOWN)]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(lifted_at=None), name="calendar_window_by_end"),
            models.Index(
                fields=["known_until"], condition=Q(lifted_at=None) & ~Q(rrule=""), name="calendar_window_recurring"
            ),
            models.Index(fields=["id"], condition=Q(lifted_at=None, demanded=True), name="calendar_window_demanded"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="calendar_window_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(rrule="", zone="", known_until=None) | ~Q(rrule="") & ~Q(zone="") & ~Q(known_until=None),
                name="what_recurs_has_a_zone_and_is_known_for_a_while",
            ),
            models.CheckConstraint(
                condition=Q(demanded=False) | Q(window_type="maintenance"), name="only_maintenance_is_demanded"
            ),
            models.CheckConstraint(
                condition=Q(change_kinds=[]) | ~Q(window_type="maintenance"),
                name="maintenance_is_for_every_kind_of_change",
            ),
            models.CheckConstraint(
                condition=Q(window_type="lockdown", rrule="")
                | ~Q(window_type="lockdown") & Q(status__in=[WindowStatus.ENFORCED, WindowStatus.LIFTED]),
                name="a_lockdown_alone_has_a_life_and_is_once",
            ),
            models.CheckConstraint(
                condition=~Q(window_type="lockdown", status__in=[WindowStatus.ENFORCED, WindowStatus.LIFTED])
                | Q(enforced_at__isnull=False, enforced_by__isnull=False) & ~Q(enforced_by=F("created_by")),
                name="a_lockdown_is_enforced_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(status=WindowStatus.LIFTED, lifted_at__isnull=False)
                | ~Q(status=WindowStatus.LIFTED) & Q(lifted_at=None),
                name="what_is_lifted_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"window-{self.pk}"

    @property
    def kinds_in_words(self) -> list[str]:
        """The kinds of change that it is for, as people call them; none: all."""
        return [str(words) for name, words in KINDS if name in self.change_kinds]

    def get_absolute_url(self) -> str:
        return f"/changes/calendar/{self.reference}/"


class CalendarOccurrence(models.Model):
    """One time of a window: of a plain one its only one, of what recurs each within 400 days ahead, and what was."""

    window = models.ForeignKey(CalendarWindow, models.CASCADE, related_name="occurrences")
    period = DateTimeRangeField(_("when"))

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        indexes = [GistIndex(fields=["period"], name="calendar_occurrence_by_period")]
        constraints = [
            models.UniqueConstraint(fields=["window", "period"], name="an_occurrence_is_written_once"),
            models.CheckConstraint(
                condition=Q(period__startswith__isnull=False, period__endswith__isnull=False),
                name="an_occurrence_begins_and_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} {self.period.lower:%Y-%m-%d %H:%M}"


CLOSING = (CalendarWindow.Kind.FREEZE, CalendarWindow.Kind.BLACKOUT, CalendarWindow.Kind.LOCKDOWN)
