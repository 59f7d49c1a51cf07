"""Rules that place new work, whose turn it is, and what was decided why."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only

MAX_RULES = 100
MAX_WATCHERS = 20
MAX_CHECKLIST = 20


class Assign(models.TextChoices):
    """How a rule finds a person in the queue."""

    NONE = "none", _("nobody")
    PERSON = "person", _("one person")
    LEAST_OPEN = "least_open", _("who has the least open work")
    ROUND_ROBIN = "round_robin", _("everybody in turn")


class Rule(models.Model):
    """What a new record gets for which all terms of `filter` hold; rules are asked in the order of `position`.

    `watchers` are ids of people. `own_queue`: kept by who leads the team; it adds nothing to what lies elsewhere.
    """

    kind = "assignment_rule"

    record_kind = models.CharField(_("record kind"), max_length=40)
    position = models.PositiveIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    filter = models.CharField(_("filter"), max_length=2000, blank=True)
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("queue")
    )
    assign = models.CharField(_("who gets it"), max_length=12, choices=Assign, default=Assign.NONE)
    person = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    watchers = ArrayField(
        models.BigIntegerField(), size=MAX_WATCHERS, default=list, blank=True, verbose_name=_("watchers")
    )
    checklist = ArrayField(
        models.CharField(max_length=200), size=MAX_CHECKLIST, default=list, blank=True, verbose_name=_("checklist")
    )
    override = models.BooleanField(_("override"), default=False)
    own_queue = models.BooleanField(default=False, editable=False)
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "position"], name="one_rule_in_a_place", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(assign="person", person__isnull=False) | (~Q(assign="person") & Q(person=None)),
                name="rule_names_the_person_it_assigns",
            ),
            models.CheckConstraint(
                condition=Q(own_queue=False) | Q(team__isnull=False, override=False), name="own_queue_is_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/rules/{self.pk}/"


class Turn(models.Model):
    """Who got something by a rule last. Its row is locked by who gives the next, so that no turn is given twice."""

    rule = models.OneToOneField(Rule, models.CASCADE, related_name="turn", primary_key=True)
    last = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")

    def __str__(self) -> str:
        return f"{self.rule_id} after {self.last_id}"


class Routing(models.Model):
    """What the rules said about one record at one time: a line for each rule, as it stood then.

    `trace`: [{rule, name, filter, team, held, missed[], did[]}], teams by id.
    """

    class Why(models.TextChoices):
        CREATED = "created", _("when it was opened")
        AGAIN = "again", _("routed again")

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    why = models.CharField(_("why"), max_length=10, choices=Why)
    trace = models.JSONField(_("trace"))

    class Meta:
        verbose_name = _("routing")
        verbose_name_plural = _("routings")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["record_kind", "record_id", "-id"], name="routing_of_a_record")]

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id}"
