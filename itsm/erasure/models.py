"""Who was erased, and who may not be: a legal hold."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """A person whose names must stay, as long as this row does: a court, an audit, a running dispute."""

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="a_legal_hold_says_why")]

    def __str__(self) -> str:
        return self.reason


class Erasure(models.Model):
    """That a person was erased, when and by whom, and how many rows named them, by table and column."""

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    masked = models.JSONField(_("masked"), default=dict)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"erased-{self.user_id}"
