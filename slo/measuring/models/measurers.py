"""Who measures, whom an owner trusts to measure themselves, and samples that count after a person said so."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from slo.engine.samples import instant_of
from slo.measuring import permissions
from slo.measuring.workflow import QUARANTINE, QuarantineStatus


class Measurer(models.Model):
    """An account that may send samples of a pushed indicator. A program measures for the person who owns it."""

    indicator = models.ForeignKey("slo.Indicator", models.CASCADE, related_name="measurers", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_by = models.CharField(_("named by"), max_length=150)
    named_at = models.DateTimeField(_("named at"))
    # Kept to a few minutes: who is silent for a day does not count as another witness.
    last_sent_at = models.DateTimeField(_("last sent"), null=True)

    class Meta:
        verbose_name = _("measurer")
        verbose_name_plural = _("measurers")
        ordering = ("indicator", "id")
        constraints = [
            models.UniqueConstraint(fields=["indicator", "account"], name="one_measurer_per_indicator_and_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account} measures {self.indicator}"


class QuarantineQuerySet(models.QuerySet["QuarantinedSample"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if permissions.readers(actor) else self.none()

    def waiting(self) -> Self:
        return self.filter(status=QuarantineStatus.QUARANTINED)


class QuarantinedSample(models.Model):
    """A minute that arrived and is not believed: shown, not counted, until a person says so. Counts in thousandths."""

    kind = "quarantined_sample"
    workflow = QUARANTINE

    class Why(models.TextChoices):
        TRAFFIC = "traffic", _("far more than the usual traffic")

    indicator = models.ForeignKey("slo.Indicator", models.CASCADE, related_name="quarantined")
    minute = models.BigIntegerField(_("minute"))
    bad = models.BigIntegerField(_("bad"))
    total = models.BigIntegerField(_("total"))
    usual = models.BigIntegerField(_("usual total"))
    why = models.CharField(_("why"), max_length=20, choices=Why, default=Why.TRAFFIC)
    arrived_at = models.DateTimeField(_("arrived at"))
    status = models.CharField(_("state"), max_length=12, choices=QuarantineStatus, default=QuarantineStatus.QUARANTINED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample in quarantine")
        verbose_name_plural = _("samples in quarantine")
        ordering = ("-id",)
        triggers = [OnlyMoves(QUARANTINE)]
        indexes = [models.Index(fields=["indicator", "-minute"], name="quarantine_of_an_indicator")]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "minute"],
                condition=Q(status="quarantined"),
                name="a_minute_waits_in_quarantine_once",
            ),
            models.CheckConstraint(
                condition=Q(status="quarantined") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="a_decided_sample_names_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(bad__gte=0, total__gte=F("bad")), name="a_quarantined_sample_holds_no_more_bad_than_all"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"QUA-{self.pk:05d}"

    @property
    def at(self) -> datetime:
        return instant_of(self.minute)

    @property
    def good_events(self) -> Decimal:
        return Decimal(self.total - self.bad) / 1000

    @property
    def all_events(self) -> Decimal:
        return Decimal(self.total) / 1000

    @property
    def usual_events(self) -> Decimal:
        return Decimal(self.usual) / 1000
