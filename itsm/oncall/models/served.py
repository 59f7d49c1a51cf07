"""Who was on duty, as it was: written down each hour, never changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.oncall.models.schedule import Schedule
from itsm.oncall.vocabulary import Source


class Served(models.Model):
    """From `starts_at` to `ends_at`, within one hour, `person` was on duty; None: nobody was."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    source = models.CharField(_("by"), max_length=8, choices=Source)

    class Meta:
        verbose_name = _("time on call")
        verbose_name_plural = _("times on call")
        ordering = ("starts_at", "id")
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["person", "starts_at"], name="served_by_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "starts_at", "person"], nulls_distinct=False, name="served_is_written_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="served_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
