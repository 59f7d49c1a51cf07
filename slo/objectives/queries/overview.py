"""The overview: budgets worst first, as they are to be shown at an instant, with what their rows say in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Prefetch,
    QuerySet,
    Value,
    When,
)
from django.db.models.lookups import LessThan

from slo.engine.forecast import Basis, BudgetPosition, minutes_to_exhaustion
from slo.engine.methods import Method
from slo.engine.samples import epoch_minute
from slo.engine.states import WORST_FIRST, State
from slo.engine.windows import STALE_AFTER, WINDOWS, BudgetBasis
from slo.measuring.models import Indicator
from slo.objectives.models import Budget, Objective
from slo.objectives.queries.members import current_members, with_members
from slo.objectives.queries.objective_rows import ObjectiveRow, objective_rows
from slo.objectives.queries.wording import left_of, minutes_said

_PLACES = {state.value: place for place, state in enumerate(WORST_FIRST)}
PACE = "1h"  # the burn by which "gone in" is reckoned, as the page of one objective does first


def shown_state(at: datetime) -> Case:
    """As `ObjectiveRow.state` says it: a source that fell silent, or an evaluation that stopped, is no_data."""
    slices = ExpressionWrapper(Value(timedelta(minutes=1)) * (F("step_minutes") - Value(1)), DurationField())
    newest = ExpressionWrapper(F("watermark") + slices, DateTimeField())
    return Case(
        When(state__in=[State.BURNING_FAST.value, State.NOT_YET_MEASURED.value], then=F("state")),
        When(flags__contains=[State.NO_DATA.value], then=Value(State.NO_DATA.value)),
        When(LessThan(newest, Value(at - STALE_AFTER)), measured_minutes__gt=0, then=Value(State.NO_DATA.value)),
        default=F("state"),
        output_field=CharField(),
    )


def overview(objectives: QuerySet[Objective], at: datetime) -> QuerySet[Budget]:
    """The budgets of these objectives, worst first, then by what is left; `shown` is their state at the instant.

    Three queries for any number of rows, whatever is read from their objectives.
    """
    order = [When(shown=state, then=Value(place)) for state, place in _PLACES.items()]
    related = with_members(Objective.objects.select_related("service__team", "indicator__data_source"))
    return (
        Budget.objects.filter(objective__in=objectives)
        .prefetch_related(Prefetch("objective", related))
        .annotate(shown=shown_state(at))
        .annotate(urgency=Case(*order, default=Value(len(order)), output_field=IntegerField()))
        .order_by("urgency", "headroom", "pk")
    )


def counts_by_state(objectives: QuerySet[Objective], at: datetime) -> list[tuple[str, int]]:
    """State -> how many, worst first; states that nobody is in are left out. One query."""
    rows = Budget.objects.filter(objective__in=objectives).annotate(shown=shown_state(at)).order_by()
    found = dict(rows.values_list("shown").annotate(Count("pk")))
    return sorted(found.items(), key=lambda one: _PLACES.get(one[0], len(_PLACES)))


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One row: `left` of `allowed` in `unit` (minutes or events), None where they cannot be added up."""

    line: ObjectiveRow
    left: Decimal | None
    allowed: Decimal | None
    is_time: bool
    gone_in: int | None  # minutes at the pace of the last hours; 0 is gone, None is never
    failing_since: datetime | None
    failing: str

    @property
    def words(self) -> str:
        """Empty where budgets of several kinds of events cannot be added up."""
        if self.left is None or self.allowed is None:
            return ""
        return left_of(self.left, self.allowed, is_time=self.is_time)

    @property
    def gone_words(self) -> str:
        """In how long the budget is gone, for people; empty where it is not foreseen."""
        return "" if self.gone_in is None else minutes_said(Decimal(self.gone_in))

    @property
    def objective(self) -> Objective:
        """The objective of this row."""
        return self.line.objective

    @property
    def burn(self) -> Decimal:
        """Of the last hour: 1 spends the budget in exactly one window."""
        return dict(zip(WINDOWS, self.line.budget.burn, strict=True))["1h"]


def overview_rows(budgets: Sequence[Budget], at: datetime) -> list[OverviewRow]:
    """One query for all the sparklines; the rest is read from the rows."""
    return [_line(one, at) for one in objective_rows(budgets, at)]


def _line(line: ObjectiveRow, at: datetime) -> OverviewRow:
    budget, objective = line.budget, line.objective
    is_time = objective.method != Method.OCCURRENCES
    sums_up = budget.measured_minutes > 0 and budget.allowed > 0 and (is_time or not objective.is_composite)
    scale = objective.time_slice_minutes or 1
    failing = sorted(
        (one for one in _indicators(objective) if one.failing_since), key=lambda one: one.failing_since or at
    )
    return OverviewRow(
        line=line,
        left=budget.allowed * budget.remaining * scale if sums_up else None,
        allowed=budget.allowed * scale if sums_up else None,
        is_time=is_time,
        gone_in=gone_in(budget),
        failing_since=failing[0].failing_since if failing else None,
        failing=failing[0].last_error if failing else "",
    )


def _indicators(objective: Objective) -> list[Indicator]:
    return [objective.indicator] if objective.indicator else [one.indicator for one in current_members(objective)]


def gone_in(budget: Budget) -> int | None:
    """Minutes until nothing is left at the burn of the last hours, nothing coming back meanwhile: the strict side."""
    if not budget.measured_minutes:
        return None
    objective = budget.objective
    width = budget.window_last - budget.window_first
    basis = Basis.ROLLING
    if not objective.is_rolling:
        basis = Basis.FULL_WINDOW if objective.budget_basis == BudgetBasis.FULL_WINDOW else Basis.ELAPSED
    now = BudgetPosition(
        remaining=Fraction(budget.remaining),
        burn=Fraction(dict(zip(WINDOWS, budget.burn, strict=True))[PACE]),
        window_minutes=width,
        error_budget_ppb=objective.error_budget_ppb,
        basis=basis,
        minutes_left=max(0, budget.window_last - epoch_minute(budget.watermark)),
    )
    if width <= 0:
        return None
    found = minutes_to_exhaustion(now)
    return None if found is None else int(found)
