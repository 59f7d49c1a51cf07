"""What is asked while a deployment runs: whether its next stage may begin, and that it should be taken back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RolloutStage(models.Model):
    """A stage of a progressive rollout, such as "10 %": the gate is asked before each; the last answer counts."""

    class Answer(models.TextChoices):
        GO_ON = "go_on", _("go on")
        HOLD = "hold", _("hold")
        ROLL_BACK = "roll_back", _("roll back")

    kind = "rollout_stage"

    deployment = models.ForeignKey(
        "changes.Deployment", models.PROTECT, related_name="stages", verbose_name=_("deployment")
    )
    name = models.CharField(_("stage"), max_length=40)
    percent = models.PositiveSmallIntegerField(_("percent"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    because = models.CharField(_("because"), max_length=500, blank=True)
    first_asked_at = models.DateTimeField(_("first asked at"))
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("stage of a rollout")
        verbose_name_plural = _("stages of rollouts")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["deployment", "name"], name="one_stage_of_a_name_per_deployment"),
            models.CheckConstraint(condition=Q(percent=None) | Q(percent__lte=100), name="a_stage_is_a_part_of_all"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of deployment {self.deployment_id}"


class RollBackCall(models.Model):
    """Headroom said once that a deployment should be taken back: its service burns its budget fast since it began.

    `back_to`: the earlier deployment to go back to, one that is known to work where there is any; none where none is.
    """

    deployment = models.OneToOneField(
        "changes.Deployment", models.PROTECT, related_name="roll_back_call", verbose_name=_("deployment")
    )
    called_at = models.DateTimeField(_("called at"))
    because = models.CharField(_("because"), max_length=200)
    back_to = models.ForeignKey(
        "changes.Deployment", models.PROTECT, null=True, related_name="+", verbose_name=_("back to")
    )

    class Meta:
        verbose_name = _("call to roll back")
        verbose_name_plural = _("calls to roll back")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"roll back deployment {self.deployment_id}"
