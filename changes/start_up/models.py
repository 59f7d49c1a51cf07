"""What the gate would have said of deployments that it was not asked about: reconstructed, and never a decision."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.back_tests.vocabulary import Quadrant
from changes.gate.vocabulary import Outcome

_OUTCOMES = [(one.value, one.value) for one in Outcome]


class PastAnswer(models.Model):
    """One past deployment, judged by the policy that rules now from its service's budgets as they stood then."""

    event = models.OneToOneField(
        "changes.DeploymentEvent", models.CASCADE, related_name="past_answer", verbose_name=_("deployment")
    )
    policy = models.ForeignKey("changes.PolicyVersion", models.PROTECT, related_name="+", verbose_name=_("policy"))
    outcome = models.CharField(_("it would have said"), max_length=12, choices=_OUTCOMES, blank=True)
    because = models.CharField(_("deciding reason"), max_length=60, blank=True)
    quadrant = models.CharField(_("how it went"), max_length=10, choices=Quadrant)
    judged_at = models.DateTimeField(_("judged at"))

    class Meta:
        verbose_name = _("answer about the past")
        verbose_name_plural = _("answers about the past")
        ordering = ("-id",)
        indexes = [models.Index(fields=["policy", "quadrant"], name="past_answers_by_quadrant")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.outcome}"
