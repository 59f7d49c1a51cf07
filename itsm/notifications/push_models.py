"""Devices on which people wish to see news."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PushDevice(models.Model):
    """A browser's subscription: where to send, and with which keys it alone reads what comes.

    `shown_at`: the device itself said that it showed something. `shows_content`: titles may be read on its lock screen.
    """

    kind = "push_device"

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="push_devices", verbose_name=_("person"))
    name = models.CharField(_("device"), max_length=120)
    endpoint = models.CharField(_("endpoint"), max_length=1000, unique=True)
    p256dh = models.CharField(_("public key"), max_length=100)
    auth = models.CharField(_("shared secret"), max_length=40)
    shows_content = models.BooleanField(_("shows titles"), default=False)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("last sent at"), null=True, blank=True)
    shown_at = models.DateTimeField(_("last shown at"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
