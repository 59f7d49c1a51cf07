"""Services in shadow: for a while the gate's answer is recorded there, and does not bind."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.only_people import NotByAnAgent

LONGEST = timedelta(days=90)


class GateShadowQuerySet(models.QuerySet["GateShadow"]):
    def at(self, at: datetime) -> "GateShadowQuerySet":
        """Those that last at this instant."""
        return self.filter(began_at__lte=at, until__gt=at, ended_at=None)


class GateShadow(models.Model):
    """One while of one service. What nobody ends ends by itself at `until`; prolonged, another one follows it.

    `asked_by` wanted it, `confirmed_by` is the second person; `ended_by` let the gate rule again before its time.
    """

    kind = "gate_shadow"

    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="shadows", verbose_name=_("service"))
    reason = models.TextField(_("reason"), max_length=2000)
    began_at = models.DateTimeField(_("began at"))
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )

    objects = GateShadowQuerySet.as_manager()

    class Meta:
        verbose_name = _("service in shadow")
        verbose_name_plural = _("services in shadow")
        ordering = ("-id",)
        triggers = [NotByAnAgent("asked_by", "confirmed_by", "ended_by")]
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(ended_at=None), name="one_shadow_of_a_service_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("began_at"), until__lte=F("began_at") + LONGEST),
                name="a_shadow_ends_within_ninety_days",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("confirmed_by")), name="a_shadow_is_confirmed_by_a_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"service {self.service_id} until {self.until:%Y-%m-%d}"

    @property
    def reference(self) -> str:
        return f"shadow-{self.pk}"
