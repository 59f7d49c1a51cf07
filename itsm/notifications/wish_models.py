"""How news come: by default, and as people wish. What is told by them stands in `models`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.notifications.rules import CHANNELS, CLASSES, HOWS, How, Rule, rule_of


class Relation(models.TextChoices):
    """In which a person stands to a record."""

    CALLER = "caller", _("caller")
    ASSIGNEE = "assignee", _("assignee")
    TEAM = "team", _("team")
    LEAD = "lead", _("lead")
    WATCHER = "watcher", _("watcher")
    APPROVER = "approver", _("approver")
    OWNER = "owner", _("owner")
    SELF = "self", _("oneself")


class NewsClass(models.TextChoices):
    """What people wish for at once: kinds of news that are alike to them."""

    MINE = "mine", _("Mine")
    TEAM = "team", _("My teams'")
    WATCHING = "watching", _("What I watch")
    APPROVALS = "approvals", _("What I decide")
    PAGING = "paging", _("What burns")


class Channel(models.TextChoices):
    """How news leave beside the bell."""

    MAIL = "mail", _("Mail")
    PUSH = "push", _("Push")


class Wish(models.Model):
    """How news reach one person over a channel, other than by the rule: those of a class, or of one rule alone.

    What stands of a rule (`event` and `relation`) is the exception to what stands of its class (`news`).
    """

    class How(models.TextChoices):
        NOW = "now", _("at once")
        HOURLY = "hourly", _("collected hourly")
        DAILY = "daily", _("collected daily")
        OFF = "off", _("not at all")

    user = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="wishes", db_index=False, verbose_name=_("person")
    )
    news = models.CharField(_("kind of news"), max_length=10, choices=NewsClass, blank=True)
    event = models.CharField(_("event"), max_length=60, blank=True)
    relation = models.CharField(_("relation"), max_length=10, blank=True)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    how = models.CharField(_("how"), max_length=6, choices=How)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "news", "event", "relation", "channel"], name="one_wish_for_each_line_and_channel"
            ),
            models.CheckConstraint(condition=Q(how__in=HOWS, channel__in=CHANNELS), name="a_wish_says_how"),
            models.CheckConstraint(
                condition=Q(news__in=CLASSES, event="", relation="") | Q(news="") & ~Q(event="") & ~Q(relation=""),
                name="a_wish_is_of_a_class_or_of_a_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.news}{self.event} {self.relation} {self.channel}: {self.how}"


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
    """When mail and push come to a person: never in their quiet hours (local times). `version`: of all their wishes."""

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="rhythm", verbose_name=_("person"))
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

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
        return f"{self.quiet_from}-{self.quiet_until}"
