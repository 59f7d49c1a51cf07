"""What problems burned of error budgets, as what measures them last said: see `operations.burn`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProblemBurn(models.Model):
    """What one problem burned of one objective's budget in the last 28 days; of `problem` null: what nobody owns.

    `share`: of the budget, an exact fraction as text (`7/300`); of one objective, owned and unowned sum to what its
    outages cost. `minutes`: share times what the budget allows, which is (1 - target) times the window. `counts`: it
    is the dearest objective of its service here, and only that one ranks. `parts`: the outages behind it, each
    {outage, started_at, ended_at, reference, title, share, minutes}.
    """

    problem = models.ForeignKey(
        "incidents.Problem", models.CASCADE, null=True, related_name="burns", verbose_name=_("problem")
    )
    service_id = models.BigIntegerField(_("service"))
    service_name = models.CharField(_("service"), max_length=200)
    objective = models.CharField(_("objective"), max_length=80)  # its slug: objectives lie above
    share = models.TextField(_("share of the budget"))
    minutes = models.DecimalField(_("minutes"), max_digits=20, decimal_places=6)
    counts = models.BooleanField(_("ranks"), default=False)
    parts = models.JSONField(_("parts"), default=list)
    digest = models.CharField(max_length=64)  # of all of it: what did not change is not written

    class Meta:
        verbose_name = _("budget burned by a problem")
        verbose_name_plural = _("budget burned by problems")
        ordering = ("-minutes", "objective", "id")
        indexes = [
            models.Index(fields=["-minutes"], name="burn_by_minutes"),
            models.Index(fields=["problem"], include=["minutes"], condition=models.Q(counts=True), name="burn_ranking"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "objective"], nulls_distinct=False, name="one_burn_of_a_problem_and_objective"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.minutes} min"


class ProblemRanking(models.Model):
    """As of when these figures are: one row, written whenever they are reckoned, also where nothing changed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("ranking of problems")
        verbose_name_plural = _("ranking of problems")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_ranking_of_problems")]

    def __str__(self) -> str:
        return f"as of {self.as_of:%Y-%m-%d %H:%M}"
