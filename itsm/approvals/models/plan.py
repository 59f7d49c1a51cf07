"""A plan: several people, groups and steps decide about one version of a record. Its asks are `ApprovalRequest`s."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.approvals.four_eyes import PLAN_IS_KEPT


class ApprovalPlan(models.Model):
    """Who decides about a record as it was at `content_hash`, step after step, frozen as it was when it began.

    `steps`: `[{"rule": "all", "parts": [{"name": "manager", "label": "Manager", "people": [7], "quorum": 1}]}]`; `step`
    counts from 0. `seconds_to_answer`: how long each step may take until its asks are due; None: as long as it takes.
    `source_hash`: of the rules that it was made of, where asking anew has to know them.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = "approval_plan"

    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    source_hash = models.CharField(_("hash of what it follows"), max_length=64, blank=True)
    steps = models.JSONField(_("steps"))
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    excluded = ArrayField(models.BigIntegerField(), verbose_name=_("excluded people"), default=list)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    seconds_to_answer = models.PositiveIntegerField(_("seconds to answer"), null=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.OPEN)
    began_at = models.DateTimeField(_("began at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    ended_because = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("plan of approval")
        verbose_name_plural = _("plans of approval")
        ordering = ("-id",)
        triggers = (PLAN_IS_KEPT,)
        indexes = [models.Index(fields=["record_kind", "record_id", "-id"], name="plans_about_a_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["record_kind", "record_id"], condition=Q(status="open"), name="one_open_plan_per_record"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="a_plan_that_is_over_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "approved", "declined", "withdrawn"]), name="plan_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"plan-{self.pk}"
