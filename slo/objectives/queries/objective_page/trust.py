"""Trust in what a budget is measured by, as people read it: each mark as a sentence with its time and its reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from slo.engine.states import FIRST_MINUTES
from slo.engine.trust import LOWERS, Mark
from slo.objectives.models import Budget
from slo.objectives.queries.gating_budgets import TRUST_HOLDS, marks_seen

# What was seen, and why that lowers trust.
_SENTENCES: dict[Mark, tuple[Any, Any]] = {
    Mark.IMPOSSIBLE: (
        _("Impossible measurements were sent"),
        _("More good events than events, fewer than none, no number, or a thousand times the usual in one minute."),
    ),
    Mark.VANISHED: (
        _("Next to no events are counted"),
        _("Yesterday at this time, and a week ago, there were at least twenty times as many."),
    ),
    Mark.FLAT: (
        _("The very same measurement comes over and over"),
        _("It used to vary; so many alike in a row are no chance."),
    ),
    Mark.SELF_MEASURED: (_("Who asks also measures"), _("Numbers of those who want a change do not decide alone.")),
    Mark.DELAYED: (_("Measurements usually come late"), _("More than five minutes after the minute that they are of.")),
    Mark.THIN: (
        _("Too little is measured"),
        _("Less than half of an hour, less than three quarters of a day, or fewer than ten events in a day."),
    ),
    Mark.FAILURES_VANISHED: (
        _("Not one failure is counted"),
        _("Yesterday at this time there always were some: they are gone, or no longer seen."),
    ),
}


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark in words, the minute since which it holds, and the share of trust that it takes."""

    sentence: Any
    why: Any
    since: datetime
    indicator: str
    lowers: Decimal


@dataclass(frozen=True, slots=True)
class TrustShown:
    """`trust` None: nothing was measured, or it was not evaluated lately. `missing`: of the first hour."""

    trust: Decimal | None
    evaluated_at: datetime | None
    marks: list[MarkRow]
    missing: int


def trust_shown(budget: Budget, at: datetime) -> TrustShown:
    """From the row of the budget alone."""
    is_fresh = budget.trust_at is not None and at - budget.trust_at <= TRUST_HOLDS
    lines = [
        MarkRow(*_SENTENCES[Mark(one.mark)], one.since, one.indicator, LOWERS[Mark(one.mark)])
        for one in marks_seen(budget.trust_marks)
    ]
    missing = max(0, FIRST_MINUTES - budget.measured_minutes)
    return TrustShown(budget.trust if is_fresh else None, budget.trust_at, lines, missing)
