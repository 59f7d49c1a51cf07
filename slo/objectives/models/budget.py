"""The budget of one objective as last evaluated: the one row that the gate and the pages read."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from slo.engine.states import LEVELS, Flag, State
from slo.engine.windows import STALE_AFTER

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

RATIO_PLACES = 9
MINUTE = timedelta(minutes=1)


def _ratio(name: "str | StrPromise") -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(name, max_digits=20, decimal_places=RATIO_PLACES)


class Budget(models.Model):
    """Written only by the evaluation. Ratios have nine decimals, rounded to the strict side.

    `burn`, `bad` and `total` follow the order of `slo.engine.windows.WINDOWS`; counts are in
    thousandths of an event. `reserved` and `headroom` are as of the evaluation: who decides on
    them locks the row and sums the reservations again (`operations.lock_budgets`).
    """

    kind = "budget"

    objective = models.OneToOneField(
        "slo.Objective", models.CASCADE, primary_key=True, related_name="budget", verbose_name=_("objective")
    )
    evaluated_at = models.DateTimeField(_("evaluated at"))
    watermark = models.DateTimeField(_("watermark"))  # exclusive end of every window
    terms_version = models.PositiveIntegerField(_("version of the terms"))
    window_days = models.PositiveSmallIntegerField(_("window (days)"))
    step_minutes = models.PositiveSmallIntegerField(_("minutes of a slice"), default=1)
    # The window in minutes since 1970: up to `watermark` it was looked at; a calendar period ends later.
    window_first = models.BigIntegerField(_("first minute of the window"))
    window_last = models.BigIntegerField(_("end of the window"))
    # What was really measured, in minutes since 1970: null and 0 where nothing ever was.
    measured_from = models.BigIntegerField(_("first measured minute"), null=True)
    measured_minutes = models.BigIntegerField(_("minutes measured so far"), default=0)
    # Since when it decides about changes: once it does, what falls silent is no_data and never new again.
    gates_since = models.DateTimeField(_("decides since"), null=True)
    remaining = _ratio(_("remaining"))
    reserved = _ratio(_("reserved"))
    headroom = _ratio(_("headroom"))
    coverage = _ratio(_("coverage"))
    missing = models.BigIntegerField(_("missing minutes"), default=0)
    allowed = models.DecimalField(_("allowed failures"), max_digits=40, decimal_places=12)
    bad_in_window = models.BigIntegerField(_("bad in the window"))
    total_in_window = models.BigIntegerField(_("total in the window"))
    burn = ArrayField(_ratio(""), verbose_name=_("burn"))
    bad = ArrayField(models.BigIntegerField(), verbose_name=_("bad per window"))
    total = ArrayField(models.BigIntegerField(), verbose_name=_("total per window"))
    firing = ArrayField(models.CharField(max_length=10), verbose_name=_("firing rows"))  # by their long window
    flags = ArrayField(models.CharField(max_length=20), verbose_name=_("flags"))
    level = models.CharField(_("level"), max_length=20)
    level_since = models.DateTimeField(_("level since"))
    state = models.CharField(_("state"), max_length=20)
    state_since = models.DateTimeField(_("state since"))
    # How far the measurements can be trusted (1: no mark against them; null: not evaluated), with the marks:
    # [{"mark", "since" (minute), "indicator"}] and how late each indicator usually is
    # (`slo.measuring.operations.trust`).
    trust = models.DecimalField(_("trust"), max_digits=7, decimal_places=6, null=True)
    trust_marks = models.JSONField(_("marks against it"), default=list)
    trust_at = models.DateTimeField(_("trust evaluated at"), null=True)
    # The state that was last told to those who listen; where it differs, the news is still owed.
    announced_state = models.CharField(_("announced state"), max_length=20, blank=True, default="")

    # The sum of the revisions of its series that it was evaluated from: another sum means that history was rewritten.
    # What a change that failed cost of it, as a rule: told by who keeps the ledger above; null without a history.
    typical_cost = models.DecimalField(
        _("typical cost of a failed change"), max_digits=20, decimal_places=RATIO_PLACES, null=True
    )
    series_revision = models.BigIntegerField(_("revision of its series"), default=0, db_default=0)

    # Up to here (minute since 1970) outage periods were looked for; null asks for the whole window.
    outages_until = models.BigIntegerField(_("outages recomputed until"), null=True)

    # How many reservations hold some of it: filled by `operations.lock_budgets`, not stored.
    in_flight: int = 0

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=[level.value for level in LEVELS]), name="budget_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="budget_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"budget of objective {self.objective_id}"

    @property
    def reference(self) -> str:
        return self.objective.slug

    @property
    def measured_to(self) -> datetime | None:
        """The end of the newest minute that was measured; None where none ever was (`watermark` is an instant then)."""
        return self.watermark if self.measured_minutes else None

    @property
    def drawn_from(self) -> int:
        """Where the line of its window begins: nothing is drawn over minutes that were never there."""
        return self.window_first if self.measured_from is None else max(self.window_first, self.measured_from)

    @property
    def is_new(self) -> bool:
        """It reports, and does not decide about changes yet."""
        return Flag.NOT_YET_MEASURED in self.flags

    def is_silent(self, at: datetime) -> bool:
        """The newest closed minute (or slice) is older than a source may stay quiet, or nobody evaluates any more.

        What was never measured has not fallen silent.
        """
        return self.measured_minutes > 0 and at - self.watermark > STALE_AFTER + (self.step_minutes - 1) * MINUTE

    def age_seconds(self, at: datetime) -> int:
        """How old the newest closed minute is at this instant; never below zero."""
        return max(0, int((at - self.watermark).total_seconds()))
