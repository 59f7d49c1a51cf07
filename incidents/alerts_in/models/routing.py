"""Rules that say whose an alert is, in versions; a new one is confirmed by a second person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only


class RoutingVersion(models.Model):
    """`rules`: in order, as `incidents.alerts_in.rules.routing` reads them; the first that fits says it."""

    kind = "alert_routing"

    version = models.PositiveIntegerField(_("version"), unique=True)
    rules = models.JSONField(_("rules"))
    reason = models.CharField(_("why"), max_length=500, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("routing of alerts")
        verbose_name_plural = _("routings of alerts")
        ordering = ("-version",)
        triggers = append_only.KEPT

    def __str__(self) -> str:
        return f"routing {self.version}"

    @property
    def reference(self) -> str:
        return f"alert-routing-{self.version}"
