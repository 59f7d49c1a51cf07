"""Policy versions, and what made each of them rule."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """One version of the decision table, as data. What a decision used never changes.

    It rules nothing by being here: an activation makes it rule.
    """

    append_only = True
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
        constraints = [models.UniqueConstraint(fields=["slug", "number"], name="one_policy_of_a_version")]

    def __str__(self) -> str:
        return f"{self.slug} v{self.number}"

    @property
    def reference(self) -> str:
        return f"{self.slug} v{self.number}"

    def get_absolute_url(self) -> str:
        return f"/api/v1/policy-versions/{self.pk}/"


class PolicyActivation(models.Model):
    """A version rules from here on, by another person's approval. The newest activation rules.

    The database looks at the approval (see `changes.change.models.four_eyes`). Without one only the very first version
    rules, which Headroom brings along.
    """

    append_only = True
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
