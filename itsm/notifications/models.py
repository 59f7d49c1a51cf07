"""What is owed. Written in the transaction that owes it, delivered afterwards by the relay."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """News for one person, shown behind the bell and, where they have an address, mailed."""

    to = models.ForeignKey("accounts.User", models.CASCADE, related_name="notifications", verbose_name=_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    path = models.CharField(_("path"), max_length=200, blank=True)
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-id",)
        indexes = [models.Index(fields=["to", "-id"], condition=Q(read_at=None), name="notification_unread")]

    def __str__(self) -> str:
        return self.subject


class Delivery(models.Model):
    """The outbox: one thing owed to the outside, until it is delivered or visibly dead."""

    channel = models.CharField(_("channel"), max_length=20)
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    aggregate = models.CharField(_("aggregate"), max_length=80)  # delivered in order within one aggregate
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    due_at = models.DateTimeField(_("due at"), db_default=models.functions.Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    dead_at = models.DateTimeField(_("given up at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(delivered_at=None, dead_at=None), name="delivery_owed"),
            models.Index(
                fields=["aggregate", "id"], condition=Q(delivered_at=None, dead_at=None), name="delivery_order"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(dead_at=None), name="a_delivery_is_delivered_or_dead_not_both"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class Quarantine(models.Model):
    """Outgoing deliveries are held, since a restore, until somebody releases them. See `quarantine`."""

    kind = "quarantine"

    reason = models.CharField(_("reason"), max_length=200)
    since = models.DateTimeField(_("since"), db_default=models.functions.Now())
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("quarantine")
        verbose_name_plural = _("quarantines")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.reason

    @property
    def reference(self) -> str:
        return f"quarantine {self.pk}"
