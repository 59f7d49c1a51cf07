"""Objectives (SLOs): a target for an indicator over a rolling window, and every version it ever had."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import slug_shape
from itsm.kernel.actors import Actor
from slo import policies
from slo.engine.burn import error_budget_ppb
from slo.engine.windows import PPB

TARGET_PLACES = 9


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, actor: Actor) -> Self:
        return self if policies.readers(actor) else self.none()


class Objective(models.Model):
    """The promise as it stands now. `terms_version` counts its versions; `version` counts edits of any kind."""

    kind = "objective"

    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[slug_shape])
    name = models.CharField(_("name"), max_length=120)
    service = models.ForeignKey("catalog.Service", models.PROTECT, related_name="objectives", verbose_name=_("service"))
    environment = models.CharField(_("environment"), max_length=63, default="production", validators=[slug_shape])
    indicator = models.ForeignKey(
        "slo.Indicator", models.PROTECT, related_name="objectives", verbose_name=_("indicator")
    )
    target = models.DecimalField(_("target"), max_digits=10, decimal_places=TARGET_PLACES)
    window_days = models.PositiveSmallIntegerField(_("window (days)"), default=28)
    gating = models.BooleanField(_("decides about changes"), default=True)
    terms_version = models.PositiveIntegerField(_("version of its terms"), default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ("slug",)
        indexes = [models.Index(fields=["service", "environment"], name="objectives_of_a_service")]
        constraints = [
            models.CheckConstraint(
                name="objective_target_lies_between_zero_and_one", condition=Q(target__gt=0, target__lt=1)
            ),
            models.CheckConstraint(
                name="objective_window_is_7_to_90_days", condition=Q(window_days__gte=7, window_days__lte=90)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def error_budget_ppb(self) -> int:
        """What may fail, in billionths of all events: exact, as targets have at most nine decimals."""
        return error_budget_ppb(self.target)


class ObjectiveVersion(models.Model):
    """The terms from one minute on, until the next version: each minute is judged by the terms of its own time.

    Version 1 reaches back to the beginning, so that measurements from before the objective count.
    """

    append_only = True

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    indicator = models.ForeignKey("slo.Indicator", models.PROTECT, related_name="+", db_index=False)
    target = models.DecimalField(_("target"), max_digits=10, decimal_places=TARGET_PLACES)
    error_budget_ppb = models.BigIntegerField(_("error budget (billionths)"))
    window_days = models.PositiveSmallIntegerField(_("window (days)"))
    from_minute = models.BigIntegerField(_("from minute"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=150)

    class Meta:
        verbose_name = _("version of an objective")
        verbose_name_plural = _("versions of objectives")
        ordering = ("objective", "number")
        constraints = [
            models.UniqueConstraint(fields=["objective", "number"], name="one_version_per_objective_and_number"),
            models.CheckConstraint(
                name="error_budget_is_what_the_target_leaves",
                condition=Q(error_budget_ppb=(1 - F("target")) * PPB, error_budget_ppb__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective_id} v{self.number}"
