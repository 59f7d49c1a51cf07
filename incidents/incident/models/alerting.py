"""What alerts are gathered in an incident: one burn or outage has one, whichever alert of it came first."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AlertOrigin(models.TextChoices):
    """What an alert is about: a group of alerts of another system, or a burning error budget."""

    ALERT = "alert", _("alerts of another system")
    BURN = "burn", _("a burn alert")


class AlertKey(models.Model):
    """A group of alerts that is in this incident. `key`: what names the group for its source."""

    incident = models.ForeignKey(
        "incidents.Incident", models.CASCADE, related_name="alert_keys", verbose_name=_("incident")
    )
    key = models.CharField(_("group"), max_length=120)
    origin = models.CharField(_("origin"), max_length=5, choices=AlertOrigin)
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, related_name="+", verbose_name=_("service")
    )
    environment = models.CharField(_("environment"), max_length=63, blank=True)
    apart = models.BooleanField(_("kept apart from others"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("group of alerts of an incident")
        verbose_name_plural = _("groups of alerts of incidents")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["key", "-id"], name="alert_group_by_key"),
            models.Index(fields=["service", "-id"], name="alert_group_by_service"),
        ]
        constraints = [models.UniqueConstraint(fields=["incident", "key"], name="a_group_of_alerts_joins_once")]

    def __str__(self) -> str:
        return f"{self.key} in {self.incident_id}"
