"""Escalations under way, and every step that was taken."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itsm.accounts.permissions import staff
from itsm.accounts.queues import rights_in_queues
from itsm.audit import append_only
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference
from itsm.paging.models.policies import EscalationPolicy
from itsm.paging.vocabulary import Cause, How, Urgency
from itsm.paging.workflow import CALLING, OPEN, WORKFLOW, Status


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def visible_to(self, actor: Actor) -> "EscalationQuerySet":
        """For who works here: those of queues that are not hidden from them; for everybody those that paged them."""
        if actor.is_system:
            return self
        mine = Q(pages__person=actor.id or 0)
        if not staff(actor):
            return self.filter(mine).distinct()
        hidden = rights_in_queues(actor).hidden
        return self.filter(~Q(team_id__in=sorted(hidden)) | mine).distinct() if hidden else self

    def still_open(self) -> "EscalationQuerySet":
        return self.filter(status__in=OPEN)


class Escalation(models.Model):
    """One subject, one policy as it stood when it began (`snapshot`), and where it is: `step` of `round` came last.

    `run_from`: the first round of this run; a hand-over and a lapse begin another one. `next_at`: when the next step
    comes, while it pages; when it lapses, while it is held.
    """

    kind = "escalation"
    workflow = WORKFLOW
    untold = (
        "snapshot", "next_at", "next_cause", "round", "step", "run_from", "reason", "ended_at", "held_at", "held_how",
    )  # fmt: skip

    subject_kind = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    title = models.CharField(_("title"), max_length=200)
    path = models.CharField(_("path"), max_length=200)
    policy = models.ForeignKey(EscalationPolicy, models.PROTECT, related_name="escalations", verbose_name=_("policy"))
    snapshot = models.JSONField(_("policy as it stood"), editable=False)
    urgency = models.CharField(_("urgency"), max_length=4, choices=Urgency)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("queue"))
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PAGING, editable=False)
    round = models.PositiveIntegerField(_("round"), default=0)
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    run_from = models.PositiveIntegerField(_("first round of this run"), default=1)
    next_cause = models.CharField(_("why the next step comes"), max_length=12, choices=Cause, default=Cause.BEGUN)
    next_at = models.DateTimeField(_("next at"), null=True, blank=True)
    begun_at = models.DateTimeField(_("begun at"))
    begun_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    held_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True, editable=False)
    held_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", editable=False)
    held_how = models.CharField(_("acknowledged how"), max_length=8, choices=How, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ("-id",)
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(status__in=CALLING), name="escalation_calling_by_next"),
            models.Index(fields=["subject_kind", "subject_id"], name="escalation_by_subject"),
            models.Index(fields=["team", "-id"], name="escalation_by_team"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "policy"], condition=Q(status__in=OPEN),
                name="one_open_escalation_of_a_subject_by_a_policy",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="escalation_status_is_known"),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="escalation_urgency_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=CALLING) | Q(next_at__isnull=False), name="who_calls_says_when_next"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.HELD) | Q(held_at__isnull=False), name="a_held_escalation_says_since_when"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.STOPPED) | Q(ended_at__isnull=False), name="a_stopped_escalation_says_when"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return reference("ESC", self.pk or 0)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def paged(self) -> frozenset[int]:
        """The ids of everybody whom it paged."""
        return frozenset(self.pages.values_list("person_id", flat=True)) if self.pk else frozenset()

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of the policy as it stood: position, wait (seconds), between, targets."""
        steps: list[dict[str, Any]] = self.snapshot["steps"]
        return steps

    def get_absolute_url(self) -> str:
        return f"/escalations/{self.reference}/"


class EscalationTaken(models.Model):
    """A step that was taken, once. `people`: whom it paged; `skipped`: why nobody; the next one followed at once."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="taken", db_index=False)
    round = models.PositiveIntegerField(_("round"))
    step = models.PositiveSmallIntegerField(_("step"))
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    at = models.DateTimeField(_("at"))
    due_at = models.DateTimeField(_("was due at"))
    noted_at = models.DateTimeField(_("noted at"), default=timezone.now)
    people = ArrayField(models.BigIntegerField(), verbose_name=_("people"), default=list)
    skipped = models.CharField(_("skipped because"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("step taken")
        verbose_name_plural = _("steps taken")
        ordering = ("escalation", "id")
        triggers = append_only.KEPT
        indexes = [models.Index(fields=["at"], name="step_taken_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["escalation", "round", "step"], name="each_step_is_taken_once"),
        ]

    def __str__(self) -> str:
        return f"{self.escalation_id}: {self.round}/{self.step}"
