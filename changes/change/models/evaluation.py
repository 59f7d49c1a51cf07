"""What was asked of the gate, and every decision that answered; decisions only grow."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.accounts.permissions import colleagues
from itsm.audit import append_only
from itsm.kernel.actors import Actor


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, actor: Actor) -> "EvaluationQuerySet":
        if colleagues(actor):
            return self
        return self.filter(requested_by_id=actor.id)


class Evaluation(models.Model):
    """One request to the gate, for one version of a change. Its answer is used once and expires."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")
        ERROR = "error", _("failed")

    # Good no more, and never used. A refusal is an answer, and stays one.
    ENDED = (Status.EXPIRED, Status.CANCELLED, Status.ERROR)

    class DecidedBy(models.TextChoices):
        NOBODY = "", _("nobody yet")
        POLICY = "policy", _("policy")
        PERSON = "person", _("a person")
        OVERRIDE = "override", _("an override of the gate")
        SHADOW = "shadow", _("nobody: its service is in shadow")

    kind = "evaluation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="evaluations", verbose_name=_("change"))
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    claims = models.JSONField(_("what the request said"))  # proof, exception, model, window, claimed class and purpose
    pipeline = models.JSONField(_("pipeline"))
    callback = models.JSONField(_("callback"), null=True)  # {url, events}: who is told of the decision
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    outcome = models.CharField(_("outcome"), max_length=12, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=10, choices=DecidedBy, default="", blank=True)
    decision = models.ForeignKey("changes.Decision", models.PROTECT, null=True, related_name="+")
    not_before = models.DateTimeField(_("not before"), null=True)
    deadline = models.DateTimeField(_("deadline"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    used_at = models.DateTimeField(_("used at"), null=True)
    ended_because = models.CharField(_("ended because"), max_length=200, blank=True)
    # What the people who approved knew of what decides (gate.decisive), and what has become worse since: while there
    # is any, nobody starts, and they are asked again.
    known = models.JSONField(_("what the approvers knew"), null=True)
    known_at = models.DateTimeField(_("known at"), null=True)
    held = models.JSONField(_("held because"), null=True)
    held_at = models.DateTimeField(_("held at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("gate evaluation")
        verbose_name_plural = _("gate evaluations")
        ordering = ("-asked_at", "-id")
        indexes = [
            models.Index(fields=["change", "-asked_at"], name="evaluation_by_change"),
            models.Index(fields=["not_before"], condition=Q(status="pending"), name="evaluation_waiting"),
            models.Index(fields=["expires_at"], condition=Q(status="approved", used_at=None), name="evaluation_unused"),
        ]
        constraints = [
            # A change version has at most one live answer: what waits, or what is good and unused.
            models.UniqueConstraint(
                fields=["change"],
                condition=Q(status="pending") | Q(status="approved", used_at=None),
                name="one_live_evaluation_per_change",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | (Q(expires_at__isnull=False) & ~Q(decided_by="")),
                name="an_approval_says_by_whom_and_until_when",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__lte=F("expires_at")), name="no_use_after_expiry"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approved", decided_by="policy") | Q(decision__isnull=False),
                name="a_policy_approval_has_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation {self.pk}"

    @property
    def exception(self) -> Mapping[str, Any]:
        """What was claimed of an exception; empty where nothing was."""
        return self.claims.get("exception") or {}

    @property
    def reference(self) -> str:
        return str(self.pk)

    def stands(self, at: datetime) -> str:
        """Its status at this instant: by the clock too, for the sweeper that expires it may come later."""
        unused = self.status == self.Status.APPROVED and self.used_at is None
        return self.Status.EXPIRED.value if unused and not self._is_before_its_end(at) else self.status

    def is_unused(self, at: datetime) -> bool:
        """Whether it is approved, unexpired, and no start has used it; it may be held all the same."""
        return self.stands(at) == self.Status.APPROVED and self.used_at is None

    def is_good(self, at: datetime) -> bool:
        """Whether a deployment may start on it: approved, unused, unexpired and not held."""
        return self.is_unused(at) and self.held is None

    def why_ended(self, at: datetime) -> str:
        """Why it is good no more, in words; "" while it is, and of what was used."""
        lapsed = self.stands(at) == self.Status.EXPIRED and not self.ended_because
        return gettext("not used in time") if lapsed else self.ended_because

    def _is_before_its_end(self, at: datetime) -> bool:
        return self.expires_at is not None and at < self.expires_at


class Decision(models.Model):
    """The ledger: evidence, policy and verdict of one judgement, enough to replay it for ever."""

    kind = "decision"
    known: Any = None  # the verdict that `verdict` holds, where it was made just now

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="decisions", verbose_name=_("evaluation"))
    change = models.ForeignKey("changes.Change", models.PROTECT, related_name="decisions", verbose_name=_("change"))
    decided_at = models.DateTimeField(_("decided at"))
    outcome = models.CharField(_("outcome"), max_length=12)
    policy = models.ForeignKey(
        "changes.PolicyVersion", models.PROTECT, related_name="decisions", verbose_name=_("policy")
    )
    evidence = models.JSONField(_("evidence"))
    evidence_hash = models.CharField(_("evidence hash"), max_length=64)
    verdict = models.JSONField(_("verdict"))
    verdict_hash = models.CharField(_("verdict hash"), max_length=64)
    all_fresh = models.BooleanField(_("nothing an approval needs was missing or stale"))
    objectives = ArrayField(models.CharField(max_length=63), verbose_name=_("objectives"), default=list)

    class Meta:
        verbose_name = _("gate decision")
        verbose_name_plural = _("gate decisions")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [
            models.Index(fields=["evaluation", "-id"], name="decision_by_evaluation"),
            models.Index(fields=["decided_at"], name="decision_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(outcome="approved") | Q(all_fresh=True), name="no_approval_is_blind")
        ]

    def __str__(self) -> str:
        return f"decision {self.pk} {self.outcome}"

    @property
    def reference(self) -> str:
        return f"decision-{self.pk}"
