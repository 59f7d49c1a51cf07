"""The way in for the day when no provider answers."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.second_factors.models.rules import FactorRecords

UNTESTED_AFTER = timedelta(days=90)


class BreakGlass(models.Model):
    """The sealed administrator: a local account for when no provider answers and no other administrator can come in.

    `sealed_at`: when its password was made last. `tested_at`: when it last signed in, in a drill or for real.
    """

    kind = "break_glass"

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("account"))
    sealed_at = models.DateTimeField(_("sealed at"))
    tested_at = models.DateTimeField(_("tested at"), null=True)
    drill_until = models.DateTimeField(_("a drill until"), null=True)

    class Meta:
        verbose_name = _("break-glass account")
        verbose_name_plural = _("break-glass accounts")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"break-glass-{self.pk}"


class BreakGlassUse(models.Model):
    """One sign-in of it: everybody who keeps the desk is alarmed until another person says what it was for."""

    kind = "break_glass_use"

    account = models.ForeignKey(BreakGlass, models.PROTECT, related_name="uses", verbose_name=_("account"))
    at = models.DateTimeField(_("at"))
    place = models.CharField(_("from"), max_length=90)
    drill = models.BooleanField(_("a drill"), default=False)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    reason = models.CharField(_("what it was for"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = FactorRecords.as_manager()

    class Meta:
        verbose_name = _("use of break-glass")
        verbose_name_plural = _("uses of break-glass")
        ordering = ("-id",)
        indexes = [models.Index(fields=["id"], condition=Q(acknowledged_at=None), name="break_glass_not_acknowledged")]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(reason="")),
                name="a_use_is_acknowledged_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"use-{self.pk}"

    def get_absolute_url(self) -> str:
        return "/settings/factors/break-glass/"
