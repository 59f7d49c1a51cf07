"""Corrections: periods that a budget does not count, with a name and a reason on each.

What was measured stays as it was; an approved correction masks it for one objective (see `Span`).
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from itsm.audit.legal_moves import OnlyMoves
from slo.objectives.workflow import CORRECTION, CorrectionStatus


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def masking(self) -> Self:
        """Those that hold; an expired one leaves this state by itself."""
        return self.filter(status=CorrectionStatus.APPROVED)


class Correction(models.Model):
    """One excluded period of one objective, half-open, in whole minutes."""

    kind = "correction"
    workflow = CORRECTION

    class Category(models.TextChoices):
        SCHEDULED_MAINTENANCE = "scheduled_maintenance", _("Scheduled maintenance")
        OUTSIDE_BUSINESS_HOURS = "outside_business_hours", _("Outside business hours")
        DEPLOYMENT = "deployment", _("Deployment")
        MEASUREMENT_FAULT = "measurement_fault", _("Fault of the measurement")
        OUT_OF_SCOPE_TRAFFIC = "out_of_scope_traffic", _("Traffic out of scope")
        OTHER = "other", _("Other")

    objective = models.ForeignKey(
        "slo.Objective", models.PROTECT, related_name="corrections", db_index=False, verbose_name=_("objective")
    )
    category = models.CharField(_("category"), max_length=30, choices=Category)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    reason = models.TextField(_("reason"), max_length=2000)
    # Where it was proposed from, such as a maintenance window of the calendar.
    origin = models.CharField(_("origin"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=CorrectionStatus, default=CorrectionStatus.PROPOSED)
    # A proposal that nobody decided, and a mask that nobody renewed, end here.
    expires_at = models.DateTimeField(_("expires at"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    owner_name = models.CharField(_("owner"), max_length=150)
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    # What remained of the budget without it and with it, as seen when it was approved.
    remaining_before = models.DecimalField(_("remaining before"), max_digits=20, decimal_places=9, null=True)
    remaining_after = models.DecimalField(_("remaining after"), max_digits=20, decimal_places=9, null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("-starts_at", "-id")
        triggers = [OnlyMoves(CORRECTION)]
        indexes = [models.Index(fields=["objective", "-starts_at"], name="corrections_of_an_objective")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_correction_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_correction_has_a_reason"),
            models.CheckConstraint(
                name="a_decided_correction_names_who_decided",
                condition=Q(status__in=["proposed", "withdrawn", "expired"]) | ~Q(decided_by=""),
            ),
            models.UniqueConstraint(
                fields=["objective", "origin", "starts_at"], condition=~Q(origin=""), name="one_correction_per_origin"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"COR-{self.pk:05d}"

    def covers(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at
