"""Who may measure an objective and get automatic answers by it, in an owner's word."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SelfMeasuring(models.Model):
    """An owner's word that samples of an objective may lead to an automatic answer for those who send them.

    It ends by itself: `until` is the day on which it is looked at again.
    """

    kind = "self_measuring"

    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="self_measuring")
    reason = models.TextField(_("reason"), max_length=2000)
    until = models.DateField(_("until"))
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("allowed by")
    )
    allowed_at = models.DateTimeField(_("allowed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("allowance to measure oneself")
        verbose_name_plural = _("allowances to measure oneself")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="an_allowance_has_a_reason"),
            models.UniqueConstraint(
                fields=["objective"], condition=Q(ended_at=None), name="one_allowance_stands_per_objective"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"SMA-{self.pk:05d}"

    def stands(self, on: date) -> bool:
        return self.ended_at is None and on <= self.until
