"""The arithmetic of a budget, laid open: what every window holds, by version and component, and what follows from it.

The same sums as the evaluation's, asked for at the stored budget's own watermark and added up in exact
fractions; `agrees` says whether they still give the figures that were stored (late samples move them).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import connection

from slo.engine.burn import rounded_down, rounded_up
from slo.engine.methods import PPM, Method
from slo.engine.samples import epoch_minute
from slo.engine.windows import PPB, WINDOWS, BudgetBasis
from slo.objectives.models import Budget, Objective

_STATEMENT = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
WHOLE, TRAILING = "whole", "trailing"
# At the pace of which windows a time to exhaustion is told; the first one is the headline's.
PACES = ("1h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True)
class Part:
    """What one component holds under one version's terms in one stretch. Counts are in the method's unit."""

    number: int
    component: int
    error_budget_ppb: int
    weight_ppm: int
    step: int
    bad: int
    total: int
    valid: int  # minutes
    due: int
    minutes: int  # that count: not excluded

    @property
    def allowed(self) -> int:
        """In billionths of a count."""
        return self.total * self.error_budget_ppb


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch of time with its parts. `future` is what is to come of it, by component, as `allowed`."""

    first: int
    end: int
    parts: Sequence[Part]

    @property
    def bad(self) -> int:
        """All bad units, in thousandths of an event or in slices."""
        return sum(part.bad for part in self.parts)

    @property
    def components(self) -> list[int]:
        """The numbers of the components that it has parts of, in order."""
        return sorted({part.component for part in self.parts})

    def of(self, component: int) -> list[Part]:
        """The parts of one component."""
        return [part for part in self.parts if part.component == component]

    def allowed(self, component: int) -> Fraction:
        """How many bad units are allowed for this component."""
        return Fraction(sum(part.allowed for part in self.of(component)))

    def weighed(self, component: int) -> Fraction:
        """Bad counts by their weight, to be held against `allowed`."""
        return Fraction(sum(part.bad * part.weight_ppm for part in self.of(component)) * PPB, PPM)

    def burn(self, future: dict[int, Fraction] | None = None) -> Fraction:
        """Over all components; with what is still to come, it is the share that is spent."""
        coming = future or {}
        wholes = {component: self.allowed(component) + coming.get(component, 0) for component in self.components}
        return sum((self.weighed(component) / whole for component, whole in wholes.items() if whole > 0), Fraction(0))


@dataclass(frozen=True)
class Arithmetic:
    """One budget's sums. `stretches` by the name of a window, `whole`, `trailing` or `leaving <pace>`."""

    budget: Budget
    objective: Objective
    stretches: dict[str, Stretch]

    @property
    def unit(self) -> int:
        """How many kept units make one event or slice."""
        return self.objective.unit

    @property
    def whole(self) -> Stretch:
        """The stretch of the whole window."""
        return self.stretches[WHOLE]

    @property
    def ending(self) -> int:
        """The epoch minute at which the window ends."""
        return self.whole.end

    @property
    def minutes_left(self) -> int:
        """Of the calendar period; a rolling window has nothing to come."""
        return max(0, self.budget.window_last - self.ending)

    @property
    def counts_future(self) -> bool:
        """Whether the budget is that of the whole calendar window, with the minutes to come."""
        return not self.objective.is_rolling and self.objective.budget_basis == BudgetBasis.FULL_WINDOW

    @property
    def current(self) -> list[Part]:
        """The components of the terms that the budget was evaluated by."""
        return [part for part in self.whole.parts if part.number == self.budget.terms_version]

    @cached_property
    def future(self) -> dict[int, Fraction]:
        """Component -> what the rest of the calendar period allows, in billionths of a count."""
        return {part.component: part.error_budget_ppb * self.coming(part) for part in self.current}

    def coming(self, part: Part) -> Fraction:
        """Counts that the rest of the period is expected to bring to this component."""
        if not self.counts_future:
            return Fraction(0)
        if self.objective.method != Method.OCCURRENCES:
            return Fraction(self.unit * self.minutes_left, part.step)
        past = self.stretches[TRAILING].of(part.component)
        valid = sum(one.valid for one in past)
        return Fraction(sum(one.total for one in past) * self.minutes_left, valid) if valid else Fraction(0)

    @cached_property
    def spent(self) -> Fraction:
        """The share of the budget that is spent; 1 is all of it."""
        return self.whole.burn(self.future)

    @property
    def remaining(self) -> Decimal:
        """The share of the budget that is left, rounded down; below 0 when overspent."""
        return rounded_down(1 - self.spent)

    @property
    def allowed(self) -> Fraction:
        """Events or slices that may fail in the whole window."""
        components = (
            self.whole.allowed(component) + self.future.get(component, 0) for component in self.whole.components
        )
        return sum(components, Fraction(0)) / (self.unit * PPB)

    @property
    def excluded(self) -> int:
        """Minutes of the window that corrections take out."""
        counted = sum(part.minutes for part in self.whole.of(0))
        return max(0, self.whole.end - self.whole.first - counted)

    def burn(self, name: str) -> Decimal:
        """The burn rate over a named stretch, rounded up; 1 spends the budget in one window."""
        return rounded_up(self.stretches[name].burn())

    @property
    def agrees(self) -> bool:
        """False for a moment, where samples came late or terms changed since the budget was kept."""
        kept = dict(zip(WINDOWS, self.budget.burn, strict=True))
        return self.remaining == self.budget.remaining and all(self.burn(name) == kept[name] for name in WINDOWS)


def arithmetic(objective: Objective, budget: Budget) -> Arithmetic:
    """One query, whatever the number of windows, versions and corrections."""
    places = _places(objective, budget)
    given: dict[str, Any] = {
        "objective": objective.pk,
        "number": budget.terms_version,
        "missing": objective.missing_slices,
        "unit": objective.unit,
        "ending": epoch_minute(budget.watermark),
        "oldest": min(first for first, _ in places.values()),
        "begins": [first for first, _ in places.values()],
        "ends": [end for _, end in places.values()],
    }
    found: dict[int, list[Part]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, given)
        for row in cursor.fetchall():
            found.setdefault(row[5], []).append(Part(*(int(value) for value in (*row[:5], *row[6:]))))
    stretches = {
        name: Stretch(first, end, found.get(place, []))
        for place, (name, (first, end)) in enumerate(places.items(), start=1)
    }
    return Arithmetic(budget, objective, stretches)


def leaving(pace: str) -> str:
    """The name of what is about to leave a rolling window, as long as the pace's window."""
    return f"leaving {pace}"


def _places(objective: Objective, budget: Budget) -> dict[str, tuple[int, int]]:
    ending, first = epoch_minute(budget.watermark), budget.window_first
    places = {name: (ending - width, ending) for name, width in WINDOWS.items()}
    places[WHOLE] = (min(first, ending), ending)
    if objective.is_rolling:
        return places | {leaving(pace): (first, first + WINDOWS[pace]) for pace in PACES}
    return places | {TRAILING: (ending - (budget.window_last - first), ending)}
