"""Policy versions, and what made each of them rule."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.triggers import Guard


class PolicyVersion(models.Model):
    """One version of the decision table, as data. What a decision used never changes.

    It rules nothing by being here: an activation makes it rule.
    """

    kind = "policy"

    slug = models.CharField(_("slug"), max_length=63)
    number = models.PositiveIntegerField(_("version"))
    hash = models.CharField(_("hash"), max_length=64, unique=True)
    content = models.JSONField(_("content"))
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(  # null: Headroom's installation, with the policy that it ships
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ("slug", "-number")
        triggers = append_only.KEPT
        constraints = [models.UniqueConstraint(fields=["slug", "number"], name="one_policy_of_a_version")]

    def __str__(self) -> str:
        return f"{self.slug} v{self.number}"

    @property
    def reference(self) -> str:
        return f"{self.slug} v{self.number}"

    def get_absolute_url(self) -> str:
        return f"/api/v1/policy-versions/{self.pk}/"


# Held by the database: a version rules by another person's approval of that very content, or as the first. A program's
# rules nothing: who owns it would say later whose eyes they were.
IS_APPROVED = Guard(
    name="is_approved",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("version", "changes_policyversion%ROWTYPE")],
    func="""
    SELECT * INTO version FROM changes_policyversion WHERE id = NEW.version_id;
    IF NEW.answer_id IS NULL THEN
      IF version.number <> 1 OR version.proposed_by_id IS NOT NULL
         OR EXISTS (SELECT 1 FROM changes_policyactivation) THEN
        RAISE EXCEPTION 'only the first policy rules without an approval' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END IF;
    IF NOT EXISTS (
      SELECT 1 FROM approvals_approvaldecision a
      JOIN approvals_approvalrequest k ON k.id = a.ask_id
      JOIN accounts_user approver ON approver.id = a.by_id
      JOIN accounts_user proposer ON proposer.id = version.proposed_by_id
      WHERE a.id = NEW.answer_id AND a.decision = 'approve' AND k.status = 'approved'
        AND proposer.account_type = 'human'
        AND k.record_kind = 'policy' AND k.record_id = version.id
        AND a.content_hash = version.hash AND k.content_hash = version.hash
        AND NOT EXISTS (
          SELECT FROM accounts_persons(ARRAY[approver.id]) one
          JOIN accounts_persons(ARRAY[proposer.id]) other ON other.person = one.person
        )
    ) THEN
      RAISE EXCEPTION 'a policy rules by the approval of another person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)


class PolicyActivation(models.Model):
    """A version rules from here on, by another person's approval. The newest activation rules.

    The database looks at the approval (see `IS_APPROVED`). Without one only the very first version
    rules, which Headroom brings along.
    """

    kind = "policy_activation"

    version = models.ForeignKey(
        PolicyVersion, models.PROTECT, related_name="activations", verbose_name=_("policy version")
    )
    answer = models.OneToOneField(
        "approvals.ApprovalDecision", models.PROTECT, null=True, related_name="+", verbose_name=_("approval")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("activation of a policy")
        verbose_name_plural = _("activations of policies")
        ordering = ("-id",)
        triggers = [*append_only.KEPT, IS_APPROVED]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(answer=None), name="one_policy_rules_without_an_approval"
            )
        ]

    def __str__(self) -> str:
        return f"activation {self.pk} of version {self.version_id}"

    @property
    def reference(self) -> str:
        return f"policy-activation-{self.pk}"
