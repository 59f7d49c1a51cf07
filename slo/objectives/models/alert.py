"""Burn alerts: from the minute a page or ticket row began to fire until none does."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BurnAlert(models.Model):
    """One continuous burn. A page alert opens an incident, or joins the one that is still open."""

    kind = "burn_alert"

    class Severity(models.TextChoices):
        PAGE = "page", _("page")
        TICKET = "ticket", _("ticket")

    objective = models.ForeignKey("slo.Objective", models.CASCADE, related_name="alerts", db_index=False)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    rows = ArrayField(models.CharField(max_length=10), verbose_name=_("firing windows"))
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # How often it began to fire again soon after it had seemed over: still the same burn.
    flaps = models.PositiveIntegerField(_("begun again"), default=0)
    incident = models.ForeignKey(
        "incidents.Incident", models.PROTECT, null=True, related_name="burn_alerts", verbose_name=_("incident")
    )
    # What people were told last: that it began, or that it ended.
    told = models.CharField(_("told"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("burn alert")
        verbose_name_plural = _("burn alerts")
        ordering = ("-started_at", "-id")
        indexes = [models.Index(fields=["objective", "-started_at"], name="alerts_of_an_objective")]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "severity"],
                condition=Q(ended_at__isnull=True),
                name="one_open_alert_per_objective_and_severity",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"burn-{self.pk}"
