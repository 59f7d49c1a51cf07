"""Outage periods: when a budget was really spent, what it cost, and what people say it came from."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Outage(models.Model):
    """One episode in which an objective burnt its budget. Half-open; kept up to date while it goes on.

    A fast burn, so not always an unavailability of the service as ITIL means it.
    """

    kind = "outage"

    objective = models.ForeignKey("slo.Objective", models.PROTECT, related_name="outages", db_index=False)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"))
    # Events, or slices, that failed; minutes with failures; share of the window's budget as of `recomputed_at`.
    failed = models.DecimalField(_("failed"), max_digits=30, decimal_places=3)
    minutes = models.PositiveIntegerField(_("minutes"))
    cost = models.DecimalField(_("share of the budget"), max_digits=20, decimal_places=9)
    recomputed_at = models.DateTimeField(_("recomputed at"))

    class Meta:
        verbose_name = _("outage period")
        verbose_name_plural = _("outage periods")
        ordering = ("-started_at", "-id")
        indexes = [models.Index(fields=["ended_at"], name="outages_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="an_outage_ends_after_it_started"),
            models.UniqueConstraint(fields=["objective", "started_at"], name="one_outage_per_objective_and_start"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"outage-{self.pk}"


class OutageCause(models.Model):
    """An incident or a change that overlaps an outage: ranked by us, confirmed (or ruled out) by a person."""

    class Verdict(models.TextChoices):
        SUSPECTED = "suspected", _("suspected")
        CONFIRMED = "confirmed", _("confirmed")
        RULED_OUT = "ruled_out", _("ruled out")

    outage = models.ForeignKey(Outage, models.CASCADE, related_name="causes", db_index=False)
    reference = models.CharField(_("reference"), max_length=20)  # INC-00012, CHG-00042
    title = models.CharField(_("title"), max_length=300)
    url = models.CharField(_("address"), max_length=300)
    began_at = models.DateTimeField(_("began at"))
    score = models.PositiveSmallIntegerField(_("score"))  # 0-100, see slo.engine.attribution
    why = models.CharField(_("why"), max_length=300)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, default=Verdict.SUSPECTED)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    # Whose account said so: who has an interest in a change is not believed about what it cost.
    decider = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decider"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("cause of an outage")
        verbose_name_plural = _("causes of outages")
        ordering = ("outage", "-score", "reference")
        indexes = [models.Index(fields=["reference"], name="outages_of_a_record")]
        constraints = [
            models.UniqueConstraint(fields=["outage", "reference"], name="one_cause_per_outage_and_record"),
            models.CheckConstraint(
                name="a_verdict_names_who_gave_it", condition=Q(verdict="suspected") | ~Q(decided_by="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} in outage {self.outage_id}"
