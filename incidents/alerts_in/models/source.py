"""Where alerts come from, and every body that came, as it came."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.alerts_in.vocabulary import Counted, IntakeStatus, SourceKind
from itsm.slugs import slug_shape


def first_group_by() -> list[str]:
    """What alerts are grouped by until somebody says otherwise: one incident for each kind of alert of a service."""
    return ["alertname"]


class AlertSource(models.Model):
    """One system that sends alerts. `account`: the program whose token brings them; without one, whoever's.

    `server_url`: an Alertmanager that is read every five minutes and in which quiets are held. `settle`: minutes after
    which an incident whose alerts have all ended is resolved; without it a person does that.
    """

    kind = "alert_source"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    shape = models.CharField(_("shape"), max_length=12, choices=SourceKind)
    account = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program")
    )
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    group_by = ArrayField(models.CharField(max_length=100), verbose_name=_("grouped by"), default=first_group_by)
    settle = models.PositiveSmallIntegerField(_("resolved after (minutes)"), null=True, blank=True)
    may_acknowledge = models.BooleanField(_("its acknowledgements count"), default=False)
    service_label = models.CharField(_("label of the service"), max_length=100, default="service")
    environment_label = models.CharField(_("label of the environment"), max_length=100, default="environment")
    server_url = models.CharField(_("address of its API"), max_length=300, blank=True)
    credential = models.CharField(_("credential"), max_length=63, blank=True, validators=[slug_shape])
    polled_at = models.DateTimeField(_("read at"), null=True, editable=False)
    trouble = models.CharField(_("trouble"), max_length=300, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("source of alerts")
        verbose_name_plural = _("sources of alerts")
        ordering = ("slug",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "shape"],
                condition=Q(account__isnull=False, retired_at=None),
                name="a_program_has_one_source_of_a_shape",
            ),
            models.CheckConstraint(condition=Q(shape__in=SourceKind.values), name="a_source_of_alerts_has_a_shape"),
            models.CheckConstraint(condition=Q(group_by__len__gte=1), name="alerts_are_grouped_by_something"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug


class AlertIntake(models.Model):
    """One body. Applied by one at a time of its source, in the order in which they came."""

    kind = "alert_intake"

    source = models.ForeignKey(AlertSource, models.PROTECT, related_name="+", verbose_name=_("source"))
    body = models.BinaryField(_("body"))  # zlib
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    received_at = models.DateTimeField(_("received at"))
    status = models.CharField(_("state"), max_length=10, choices=IntakeStatus, default=IntakeStatus.NEW)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    alerts = models.PositiveIntegerField(_("alerts"), default=0)
    applied_at = models.DateTimeField(_("applied at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("body of alerts")
        verbose_name_plural = _("bodies of alerts")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["source", "id"], condition=Q(status="new"), name="alert_body_new"),
            models.Index(fields=["-id"], condition=Q(status="parked"), name="alert_body_parked"),
            models.Index(fields=["source", "received_at"], name="alert_body_by_arrival"),
            models.Index(fields=["received_at"], name="alert_body_by_age"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=IntakeStatus.values), name="a_body_of_alerts_has_a_state"),
            models.CheckConstraint(
                condition=~Q(status="parked") | ~Q(reason=""), name="a_parked_body_of_alerts_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.received_at}"

    @property
    def reference(self) -> str:
        return f"body {self.pk}"


class AlertTally(models.Model):
    """How often something was counted of a source in a day."""

    source = models.ForeignKey(AlertSource, models.PROTECT, related_name="+", verbose_name=_("source"))
    day = models.DateField(_("day"))
    what = models.CharField(_("what"), max_length=12, choices=Counted)
    count = models.PositiveBigIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("count of a source of alerts")
        verbose_name_plural = _("counts of sources of alerts")
        ordering = ("-day", "what")
        constraints = [models.UniqueConstraint(fields=["source", "day", "what"], name="one_count_of_alerts_a_day")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day} {self.what}: {self.count}"
