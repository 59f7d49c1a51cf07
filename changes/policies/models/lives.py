"""The life of a policy: what people work on, from a draft to what ruled before."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.policies.vocabulary import PolicyStatus
from changes.policies.workflow import POLICY
from itsm.audit.legal_moves import OnlyMoves
from itsm.audit.triggers import Guard

# Held by the database: what somebody is asked about, or approved, is what stands there.
CONTENT_IS_FROZEN = Guard(
    name="content_is_frozen",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("content"),
    condition=pgtrigger.Condition("OLD.content IS DISTINCT FROM NEW.content"),
    func="""
    IF NOT (OLD.status = 'draft' AND NEW.status IN ('draft', 'proposed')) THEN
      RAISE EXCEPTION 'the content of a policy changes while it is a draft' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)


class GatePolicy(models.Model):
    """A policy as people work on it. `content` is whole at any time: one with a hole is not kept.

    `frozen`: the version that it was proposed as, which never changes; None while it is a draft. It rules by an
    activation of that version, which the database looks at. `shadow_since`: what it would say is recorded beside what
    the ruling one says.
    """

    kind = "gate_policy"
    workflow = POLICY
    untold = ("content",)  # the page shows what differs, cell by cell

    title = models.CharField(_("what it changes"), max_length=200)
    content = models.JSONField(_("content"))
    status = models.CharField(_("state"), max_length=10, choices=PolicyStatus, default=PolicyStatus.DRAFT)
    frozen = models.OneToOneField(
        "changes.PolicyVersion", models.PROTECT, null=True, blank=True, related_name="life", verbose_name=_("version")
    )
    author = models.ForeignKey(  # null: Headroom's installation, with the policy that it ships
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("begun at"))
    shadow_since = models.DateTimeField(_("in shadow since"), null=True, blank=True)
    version = models.PositiveIntegerField(_("record version"), default=1)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ("-id",)
        triggers = [OnlyMoves(POLICY), CONTENT_IS_FROZEN]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PolicyStatus.values), name="policy_status_is_known"),
            models.UniqueConstraint(fields=["status"], condition=Q(status="ruling"), name="one_policy_rules"),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "discarded")) | Q(frozen__isnull=False),
                name="a_proposed_policy_has_its_version",
            ),
            models.CheckConstraint(
                condition=Q(shadow_since=None) | Q(status__in=("draft", "proposed", "approved")),
                name="a_shadow_does_not_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return f"policy-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/changes/policies/{self.pk}/"
