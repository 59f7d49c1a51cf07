"""Rounds in which people are asked whether items are right, each item a frozen line."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models import CI, CIClass
from catalog.health.vocabulary import Answer, RoundState
from catalog.health.workflow import WORKFLOW
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor


class Round(models.Model):
    """Scope: a class with what inherits from it, a team, an environment; empty means any. `due`: the last day."""

    kind = "certification_round"
    workflow = WORKFLOW

    name = models.CharField(_("name"), max_length=120)
    ci_class = models.ForeignKey(
        CIClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("class")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    environment = models.CharField(_("environment"), max_length=40, blank=True)
    due = models.DateField(_("due"))
    status = models.CharField(_("state"), max_length=10, choices=RoundState, default=RoundState.DRAFT, editable=False)
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        app_label = "catalog"
        verbose_name = _("certification round")
        verbose_name_plural = _("certification rounds")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RoundState.values), name="state_of_a_round_is_known"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=False) | ~Q(status__in=["open", "closed"]),
                name="a_round_that_was_opened_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return f"/health/rounds/{self.pk}/"


class RoundLineQuerySet(models.QuerySet["RoundLine"]):
    def visible_to(self, actor: Actor) -> "RoundLineQuerySet":
        """Those of items that the actor may see."""
        return self.filter(ci__in=CI.objects.visible_to(actor))


class RoundLine(models.Model):
    """An item as it was when the round opened, or as the answer saw it: `hash` is of its content then.

    `offered`: a source saw it lately, so that it may be confirmed with others at once; else it needs eyes. An answer
    whose `hash` is no more the item's is asked for again.
    """

    kind = "certification_line"

    round = models.ForeignKey(Round, models.CASCADE, related_name="lines")
    ci = models.ForeignKey(CI, models.PROTECT, related_name="+", verbose_name=_("item"))
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, related_name="+", verbose_name=_("team"))
    hash = models.CharField(_("hash of the content"), max_length=32)
    offered = models.BooleanField(_("offered as confirmed"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("answered at"), null=True)

    objects = RoundLineQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("line of a round")
        verbose_name_plural = _("lines of rounds")
        ordering = ("id",)
        indexes = [models.Index(fields=["ci", "-at"], name="answers_on_an_item")]
        constraints = [
            models.UniqueConstraint(fields=["round", "ci"], name="a_round_asks_for_an_item_once"),
            models.CheckConstraint(condition=Q(answer__in=["", *Answer.values]), name="answer_of_a_round_is_known"),
            models.CheckConstraint(
                condition=Q(answer="", at=None) | (~Q(answer="") & Q(at__isnull=False)),
                name="an_answer_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.ci_id} {self.answer}"

    @property
    def reference(self) -> str:
        return str(self.pk)
