"""The calendar: freezes, blackouts, lockdowns and maintenance, with their scope."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CalendarWindow(models.Model):
    """Changes in scope wait until it ends (maintenance: they are meant to happen then)."""

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", _("Maintenance")
        FREEZE = "freeze", _("Freeze")
        BLACKOUT = "blackout", _("Blackout")
        LOCKDOWN = "lockdown", _("Lockdown")

    kind = "calendar_window"

    window_type = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    services = models.ManyToManyField(
        "catalog.Service", blank=True, related_name="calendar_windows", verbose_name=_("services")
    )
    environments = ArrayField(models.CharField(max_length=40), verbose_name=_("environments"), default=list)
    reason = models.TextField(_("reason"), max_length=2000)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("calendar window")
        verbose_name_plural = _("calendar windows")
        ordering = ("starts_at", "id")
        indexes = [models.Index(fields=["ends_at"], condition=Q(lifted_at=None), name="calendar_window_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="calendar_window_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return f"window-{self.pk}"
