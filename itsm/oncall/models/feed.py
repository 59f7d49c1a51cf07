"""A feed of shifts: an address that only who was told it knows, and that its owner may take back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.oncall.models.schedule import Schedule


class OnCallFeed(models.Model):
    """Of one schedule, or of all turns of its owner (no schedule). Only a keyed hash of its token is kept."""

    kind = "on_call_feed"

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("owner"))
    schedule = models.ForeignKey(Schedule, models.CASCADE, null=True, blank=True, related_name="+")
    token_hash = models.CharField(_("hash"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("feed of shifts")
        verbose_name_plural = _("feeds of shifts")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"shifts-{self.pk}"
