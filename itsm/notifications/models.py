"""What is owed. Written in the transaction that owes it, delivered afterwards by the relay."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.notifications.lanes import Lane
from itsm.notifications.rules import HOWS, WHY, How, Rule, rule_of

DESK = Lane.DESK.value


class Relation(models.TextChoices):
    """In which a person stands to a record."""

    CALLER = "caller", _("caller")
    ASSIGNEE = "assignee", _("assignee")
    TEAM = "team", _("team")
    LEAD = "lead", _("lead")
    WATCHER = "watcher", _("watcher")


class Notification(models.Model):
    """News for one person, shown behind the bell and, where they have an address, mailed.

    `event` and `relation` say by which rule, `by_wish` that its reader wished it so. `digest_at`: it leaves with
    what is collected for them until then, and has left once it says `collected_at`.
    """

    to = models.ForeignKey("accounts.User", models.CASCADE, related_name="notifications", verbose_name=_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    path = models.CharField(_("path"), max_length=200, blank=True)
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    event = models.CharField(_("event"), max_length=60, blank=True)
    relation = models.CharField(_("told as"), max_length=10, blank=True)
    by_wish = models.BooleanField(_("as they wished"), default=False)
    digest_at = models.DateTimeField(_("collected until"), null=True, blank=True)
    collected_at = models.DateTimeField(_("collected at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["to", "-id"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["digest_at"],
                condition=Q(digest_at__isnull=False, collected_at=None),
                name="notification_to_collect",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def why(self) -> str:
        """Why its reader gets this, as a sentence; empty where no rule said so."""
        return str(WHY.get(self.relation, ""))


class Wish(models.Model):
    """How news of one event reach one person in one relation, other than by the rule."""

    class How(models.TextChoices):
        NOW = "now", _("at once")
        DIGEST = "digest", _("collected")
        OFF = "off", _("not at all")

    user = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="wishes", db_index=False, verbose_name=_("person")
    )
    event = models.CharField(_("event"), max_length=60)
    relation = models.CharField(_("relation"), max_length=10)
    how = models.CharField(_("how"), max_length=6, choices=How)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = [
            models.UniqueConstraint(fields=["user", "event", "relation"], name="one_wish_for_each_event_and_relation"),
            models.CheckConstraint(condition=Q(how__in=("now", "digest", "off")), name="a_wish_says_how"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.relation}: {self.how}"


class RuleDefault(models.Model):
    """How news of one event reach people in one relation unless they wish otherwise. Null: as the product's rule says.

    A row for each rule there is, made after migrating; what a row says of a duty counts for nothing.
    """

    kind = "notification_rule"

    event = models.CharField(_("event"), max_length=60)
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    how = models.CharField(_("how"), max_length=6, choices=Wish.How, null=True, blank=True)  # noqa: DJ001 -- null: unset
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("notification rule")
        verbose_name_plural = _("notification rules")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["event", "relation"], name="one_default_for_each_event_and_relation"),
            models.CheckConstraint(condition=Q(how__in=HOWS) | Q(how=None), name="a_notification_rule_says_how"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{self.event} {self.relation}"

    def get_absolute_url(self) -> str:
        return "/settings/notifications/"

    @property
    def rule(self) -> Rule:
        """The product's rule; KeyError where there is none any more, which `known_rules` leaves out."""
        found = rule_of(self.event, self.relation)
        if found is None:
            raise KeyError(self.reference)
        return found

    @property
    def effective(self) -> How:
        """What holds for who wishes nothing."""
        rule = self.rule
        return rule.default if self.how is None or rule.duty else next(how for how in HOWS if how == self.how)


class Rhythm(models.Model):
    """When mail comes to a person: never in their quiet hours (local times); what is collected hourly or daily."""

    class Digest(models.TextChoices):
        HOURLY = "hourly", _("every hour")
        DAILY = "daily", _("every day at 08:00")

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="rhythm", verbose_name=_("person"))
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest = models.CharField(_("what is collected comes"), max_length=6, choices=Digest, default=Digest.DAILY)

    class Meta:
        verbose_name = _("rhythm")
        verbose_name_plural = _("rhythms")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until")),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from}-{self.quiet_until}, {self.digest}"


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
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_of_each_number")]

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
