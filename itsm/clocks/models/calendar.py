"""Calendars: when time counts. A version never changes; an edit makes the next one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.alike import ReadAlike
from itsm.audit import append_only


class Calendar(models.Model):
    """Hours by name, in a zone that never changes. `number` is that of its newest version."""

    kind = "calendar"

    name = models.CharField(_("name"), max_length=80)
    name_key = ReadAlike(of="name")
    zone = models.CharField(_("zone"), max_length=64)
    number = models.PositiveIntegerField(_("newest version"), default=1)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="one_calendar_of_a_name"),
            models.CheckConstraint(condition=Q(number__gte=1), name="calendar_versions_begin_with_1"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/calendars/{self.pk}/"


class CalendarVersion(models.Model):
    """What a calendar said from `valid_from` on: spans of each weekday, and dates that are otherwise.

    `week` and `days` as `hours_format` writes them. Who wrote it is no foreign key: history outlives accounts.
    """

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions", verbose_name=_("calendar"))
    number = models.PositiveIntegerField(_("number"))
    valid_from = models.DateTimeField(_("valid from"))
    week = models.JSONField(_("week"))
    days = models.JSONField(_("days"), default=list)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by_id = models.BigIntegerField(_("by"), null=True)
    by_name = models.CharField(_("by name"), max_length=150)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of calendars")
        ordering = ("calendar", "-number")
        triggers = append_only.KEPT
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="one_calendar_version_of_a_number"),
            models.CheckConstraint(
                condition=Q(valid_from__gte=models.F("at")) | Q(number=1) | ~Q(reason=""),
                name="a_recount_from_the_past_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} v{self.number}"
