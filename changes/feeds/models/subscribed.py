"""A calendar of somebody else, and what stands in it as proposals for ours."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from changes.calendar.models import CalendarWindow


class SubscribedCalendar(models.Model):
    """An ICS file at an address, or one that was uploaded once (`url` empty). Nothing in it holds anybody by itself.

    `zone`: whose midnight its whole days and clocks without a zone mean. `trouble`: why it could not be read last.
    """

    kind = "subscribed_calendar"

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500, blank=True)
    zone = models.CharField(_("time zone"), max_length=64)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    trouble = models.CharField(_("trouble"), max_length=300, blank=True)
    refused = models.JSONField(_("what was refused"), default=list)  # name and why of each event, the first of them
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("subscribed calendar")
        verbose_name_plural = _("subscribed calendars")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"subscribed-{self.pk}"


class ProposedEvent(models.Model):
    """One event of it. A person takes it into the calendar, as what it is for them, or dismisses it.

    `rrule` and `zone` as our windows have them. `moved`: it has changed since somebody answered about it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        TAKEN = "taken", _("taken in")
        DISMISSED = "dismissed", _("dismissed")

    kind = "proposed_event"

    calendar = models.ForeignKey(SubscribedCalendar, models.CASCADE, related_name="events")
    uid_hash = models.CharField(max_length=64, editable=False)
    name = models.CharField(_("name"), max_length=120)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    rrule = models.TextField(_("repeats"), max_length=500, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PROPOSED)
    moved = models.BooleanField(_("moved since"), default=False)
    window = models.ForeignKey(CalendarWindow, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("proposed event")
        verbose_name_plural = _("proposed events")
        ordering = ("starts_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "uid_hash"], name="an_event_is_proposed_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_proposed_event_ends_later"),
            models.CheckConstraint(
                condition=~Q(status="taken") | Q(window__isnull=False), name="what_is_taken_in_is_a_window"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"event-{self.pk}"
