"""What is owed. Written in the transaction that owes it, delivered afterwards by the relay."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.notifications.lanes import Lane
from itsm.notifications.push_models import PushDevice as PushDevice
from itsm.notifications.rules import CHANNELS, WISHES, line_of, rule_of, why
from itsm.notifications.wish_models import Channel as Channel
from itsm.notifications.wish_models import NewsClass as NewsClass
from itsm.notifications.wish_models import Relation as Relation
from itsm.notifications.wish_models import Rhythm as Rhythm
from itsm.notifications.wish_models import RuleDefault as RuleDefault
from itsm.notifications.wish_models import Wish as Wish

DESK = Lane.DESK.value


class Notification(models.Model):
    """News for one person, shown behind the bell; what else becomes of it is a delivery, or waits to be collected.

    `event` and `relation` say by which rule; `reference` names its record where a lock screen may be read; `note_id` is
    the public note of the record that it passes on, None where nobody's words are passed on.
    """

    to = models.ForeignKey("accounts.User", models.CASCADE, related_name="notifications", verbose_name=_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    path = models.CharField(_("path"), max_length=200, blank=True)
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    note_id = models.BigIntegerField(_("note"), null=True)  # notes stand above this app
    event = models.CharField(_("event"), max_length=60, blank=True)
    relation = models.CharField(_("told as"), max_length=10, blank=True)
    # A mail of its own was owed for it: where none is there, it was lost.
    is_mailed = models.BooleanField(_("mailed by itself"), default=False, db_default=False)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-id",)
        indexes = [models.Index(fields=["to", "-id"], condition=Q(read_at=None), name="notification_unread")]

    def __str__(self) -> str:
        return self.subject

    @property
    def why(self) -> str:
        """Why its reader gets this, as a sentence."""
        return why(self.event, self.relation)

    @property
    def wish_path(self) -> str:
        """Where its reader says how such news come: the very line, where a rule told it."""
        line = line_of(self.event, self.relation) if rule_of(self.event, self.relation) is not None else ""
        return f"{WISHES}?line={line}#{line}" if line else WISHES


class Collecting(models.Model):
    """One notification that leaves over a channel with what else is collected until `due_at`; then it was, once.

    `by_wish`: its reader wished it so, not the rule.
    """

    notification = models.ForeignKey(
        Notification, models.CASCADE, related_name="collecting", verbose_name=_("notification")
    )  # fmt: skip
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    due_at = models.DateTimeField(_("collected until"))
    by_wish = models.BooleanField(_("as they wished"), default=False)
    collected_at = models.DateTimeField(_("collected at"), null=True, blank=True)

    class Meta:
        verbose_name = _("piece to collect")
        verbose_name_plural = _("pieces to collect")
        indexes = [models.Index(fields=["due_at"], condition=Q(collected_at=None), name="to_collect")]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="collected_once_over_a_channel"),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="collected_over_a_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.due_at}"


class Delivery(models.Model):
    """The outbox: one thing owed to the outside, until it is delivered or visibly dead."""

    channel = models.CharField(_("channel"), max_length=20)
    lane = models.CharField(_("lane"), max_length=10, default=DESK, db_default=DESK)  # that of its channel
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
            models.Index(
                fields=["lane", "due_at", "id"], condition=Q(delivered_at=None, dead_at=None), name="delivery_owed"
            ),
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


class Attempt(models.Model):
    """One try to deliver, committed before it is made, in lanes that note attempts. `said`: what came back."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="tries", db_index=False, verbose_name=_("delivery")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ok = models.BooleanField(_("succeeded"), null=True)
    said = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("id",)
        indexes = [models.Index(fields=["delivery", "id"], name="attempts_of_delivery")]

    def __str__(self) -> str:
        return f"{self.number} of {self.delivery_id}"


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
