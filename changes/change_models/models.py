"""Change models: an approved, repeatable way to make a kind of change; and how such changes have gone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ChangeModel(models.Model):
    """Deployments of one service that are standard changes, within these bounds."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("approved")
        SUSPENDED = "suspended", _("suspended")
        RETIRED = "retired", _("retired")

    kind = "change_model"

    slug = models.CharField(_("slug"), max_length=80, unique=True)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="change_models")
    environments = ArrayField(models.CharField(max_length=40), verbose_name=_("environments"), default=list)
    repository = models.CharField(_("repository"), max_length=200, blank=True)  # empty: any
    workflow_name = models.CharField(_("pipeline workflow"), max_length=200, blank=True)  # empty: any
    risk = models.CharField(_("risk"), max_length=10, default="low")
    allows_migration = models.BooleanField(_("allows migrations"), default=False)
    progressive = models.BooleanField(_("progressive rollout"), default=False)
    rollback_tested = models.BooleanField(_("rollback tested"), default=False)
    # What its changes begin with: {"kind", "title", "mandatory"} each, in order.
    tasks = models.JSONField(_("tasks"), default=list, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.APPROVED)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    certified_at = models.DateTimeField(_("certified at"))
    certification_asked_at = models.DateTimeField(_("asked to certify at"), null=True, blank=True, editable=False)
    suspended_because = models.CharField(_("suspended because"), max_length=200, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("change model")
        verbose_name_plural = _("change models")
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_by__isnull=False), name="an_approved_model_says_by_whom"
            )
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def reference(self) -> str:
        return self.slug


class History(models.Model):
    """How changes of one service, environment and model have gone: decayed counts, one row whatever the past.

    Weights halve every 90 days; they are kept as of `as_of` and read with `changes.change.queries.history`.
    """

    service = models.ForeignKey("catalog.Service", models.CASCADE, related_name="+")
    model = models.ForeignKey(ChangeModel, models.CASCADE, null=True, related_name="+")
    environment = models.CharField(_("environment"), max_length=40)
    runs = models.PositiveIntegerField(_("runs"), default=0)
    weighted_runs = models.DecimalField(_("weighted runs"), max_digits=20, decimal_places=9, default=0)
    weighted_failures = models.DecimalField(_("weighted failures"), max_digits=20, decimal_places=9, default=0)
    recent = ArrayField(models.BooleanField(), verbose_name=_("the last 20 runs failed"), default=list)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("history of changes")
        verbose_name_plural = _("histories of changes")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "model", "environment"], nulls_distinct=False, name="one_history_per_kind_of_change"
            ),
            models.CheckConstraint(
                condition=Q(weighted_failures__gte=0) & Q(weighted_failures__lte=models.F("weighted_runs")),
                name="failures_are_among_the_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.runs} runs of service {self.service_id}"
