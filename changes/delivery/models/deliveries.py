"""Every delivery of a platform as it came, and every question of one that waits for the gate's answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from changes.delivery.models.sources import DeliverySource
from changes.delivery.vocabulary import Answered, DeliveryStatus
from itsm.notifications.web_addresses import MAX_LENGTH


class PlatformDelivery(models.Model):
    """One webhook, whose signature was good. `delivery_id` is the platform's: the same one is taken once.

    `repository`, `workflow` and `environment` say what it is about, where nobody has said yet which service that is.
    """

    kind = "platform_delivery"

    source = models.ForeignKey(DeliverySource, models.PROTECT, related_name="+", verbose_name=_("source"))
    delivery_id = models.CharField(_("its id there"), max_length=200)
    event = models.CharField(_("event"), max_length=100, blank=True)
    body = models.BinaryField(_("body"))  # zlib
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    received_at = models.DateTimeField(_("received at"))
    status = models.CharField(_("state"), max_length=10, choices=DeliveryStatus, default=DeliveryStatus.NEW)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    repository = models.CharField(_("repository"), max_length=200, blank=True)
    workflow = models.CharField(_("workflow"), max_length=200, blank=True)
    environment = models.CharField(_("environment there"), max_length=200, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True)
    deployment = models.ForeignKey(
        "changes.DeploymentEvent", models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("deployment")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("delivery of a platform")
        verbose_name_plural = _("deliveries of platforms")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["source", "id"], condition=Q(status="new"), name="platform_delivery_new"),
            models.Index(fields=["-id"], condition=Q(status="unmapped"), name="platform_delivery_unmapped"),
            models.Index(fields=["received_at"], name="platform_delivery_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "delivery_id"], name="a_delivery_is_taken_once"),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="a_platform_delivery_has_a_state"
            ),
            models.CheckConstraint(condition=~Q(status="parked") | ~Q(reason=""), name="a_parked_delivery_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.event} {self.delivery_id}"

    @property
    def reference(self) -> str:
        return f"delivery-{self.pk}"


class PlatformQuestion(models.Model):
    """A platform holds a deployment until the gate has answered. `key` names what it holds; asked again, it is one.

    `callback` is where the answer goes, below the address of its source. `answer`: what was owed to it; `told_at`: when
    the platform has taken it. `notes`: how many remarks were sent meanwhile, of which a platform takes ten.
    """

    kind = "platform_question"

    source = models.ForeignKey(DeliverySource, models.PROTECT, related_name="+", verbose_name=_("source"))
    key = models.CharField(_("what is held"), max_length=200)
    external_id = models.CharField(_("its deployment there"), max_length=200, blank=True)
    repository = models.CharField(_("repository"), max_length=200)
    run_id = models.CharField(_("run"), max_length=200, blank=True)
    theirs = models.CharField(_("environment there"), max_length=200)
    installation = models.CharField(_("installation"), max_length=40, blank=True)
    callback = models.CharField(_("address of the answer"), max_length=MAX_LENGTH)
    evaluation = models.OneToOneField(
        "changes.Evaluation", models.PROTECT, null=True, related_name="question", verbose_name=_("evaluation")
    )
    change = models.ForeignKey(
        "changes.Change", models.PROTECT, null=True, related_name="questions", verbose_name=_("change")
    )
    refusal = models.CharField(_("why it was not asked"), max_length=500, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answered, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    notes = models.PositiveSmallIntegerField(_("remarks"), default=0)
    last_note = models.CharField(_("last remark"), max_length=1024, blank=True)
    trouble = models.CharField(_("trouble"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("question of a platform")
        verbose_name_plural = _("questions of platforms")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["change"], condition=Q(answer=""), name="question_waiting"),
            models.Index(fields=["source", "external_id"], name="question_by_deployment"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="a_platform_asks_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="an_answered_question_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(answer="approved") | Q(evaluation__isnull=False), name="nobody_answers_without_the_gate"
            ),
            models.CheckConstraint(condition=Q(notes__lte=10), name="a_platform_takes_ten_remarks"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def reference(self) -> str:
        return f"question-{self.pk}"
