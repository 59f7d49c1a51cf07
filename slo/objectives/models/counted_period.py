"""Which series an objective counts in which minutes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from slo.measuring.models.series import Series


class CountedPeriod(models.Model):
    """A stretch of one component of an objective that counts: under one version's target, and not excluded.

    Derived from versions and approved corrections (`slo.objectives.operations.counted_periods` writes it anew whenever
    one of them changes); every window is the sum of its counted periods. Half-open, in minutes since 1970.
    """

    FOREVER = 2**62

    pk = models.CompositePrimaryKey("objective_id", "number", "component", "from_minute")
    objective = models.ForeignKey("slo.Objective", models.CASCADE, related_name="counted_periods", db_index=False)
    number = models.PositiveIntegerField(_("number of the version"))
    component = models.PositiveSmallIntegerField(_("component"), default=0)
    series = models.ForeignKey(Series, models.PROTECT, related_name="counted_periods")
    step_minutes = models.PositiveSmallIntegerField(_("minutes of a slice"), default=1)
    error_budget_ppb = models.BigIntegerField(_("error budget (billionths)"))
    weight_ppm = models.BigIntegerField(_("weight (millionths)"), default=1_000_000)
    from_minute = models.BigIntegerField(_("from minute"))
    until_minute = models.BigIntegerField(_("until minute"))
    # The last one of its version and component: it stands for them where a mask has left nothing of a window.
    is_last = models.BooleanField(_("last of its version"), default=True)

    class Meta:
        verbose_name = _("counted period")
        verbose_name_plural = _("counted periods")

    def __str__(self) -> str:
        return f"objective {self.objective_id} component {self.component} from {self.from_minute}"
