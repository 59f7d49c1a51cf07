"""When a budget will be gone, at the pace of several windows, with the figures that say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from slo.engine.burn import rounded_down, rounded_up
from slo.engine.forecast import Basis, BudgetPosition, joint_budget_ppb, minutes_to_exhaustion, whole_minutes
from slo.engine.methods import PPM, Method
from slo.engine.samples import instant_of
from slo.engine.windows import PPB
from slo.objectives.queries import wording
from slo.objectives.queries.objective_page.arithmetic import PACES, Arithmetic, leaving


@dataclass(frozen=True, slots=True)
class Pace:
    """If it goes on like in the last `look`: `minutes` until nothing is left, None for never (in this period)."""

    look: str
    burn: Decimal
    expiring: Decimal
    net: Decimal  # what comes back by itself is taken off
    minutes: int | None
    at: datetime | None

    @property
    def length(self) -> str:
        """In how long the budget is gone at this pace, for people."""
        return wording.length(self.minutes or 0)


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """The formula in words, its inputs, and what it gives at each pace."""

    basis: Basis
    formula: str
    remaining: Decimal
    paces: list[Pace]
    window_minutes: int
    basis_minutes: int
    minutes_left: int

    @property
    def headline(self) -> Pace:
        """The pace that is named first."""
        return self.paces[0]


def exhaustion(sums: Arithmetic) -> Exhaustion:
    """No query: everything is in the sums."""
    now = position(sums, PACES[0])
    paces = [_pace(sums, pace) for pace in PACES]
    return Exhaustion(
        basis=now.basis,
        formula=wording.formula(now.basis.value),
        remaining=rounded_down(now.remaining),
        paces=paces,
        window_minutes=now.window_minutes,
        basis_minutes=now.basis_minutes,
        minutes_left=now.minutes_left,
    )


def position(sums: Arithmetic, pace: str) -> BudgetPosition:
    """The budget as the engine's forecasts take it, burning as it did over this window."""
    objective = sums.objective
    return BudgetPosition(
        remaining=1 - sums.spent,
        burn=sums.stretches[pace].burn(),
        window_minutes=sums.budget.window_last - sums.budget.window_first,
        error_budget_ppb=_price(sums),
        basis=_basis(sums),
        expiring=sums.stretches[leaving(pace)].burn() if objective.is_rolling else Fraction(0),
        minutes_left=sums.minutes_left,
        method=Method(objective.method),
        slice_minutes=objective.time_slice_minutes or 1,
        time_slice_target_ppb=int((objective.time_slice_target or 1) * PPB),
    )


def _basis(sums: Arithmetic) -> Basis:
    if sums.objective.is_rolling:
        return Basis.ROLLING
    return Basis.FULL_WINDOW if sums.counts_future else Basis.ELAPSED


def _price(sums: Arithmetic) -> Fraction:
    """What a budget of one component has; several components are worth as much as one of this ratio."""
    components = [(Fraction(part.weight_ppm, PPM), part.error_budget_ppb) for part in sums.current]
    return joint_budget_ppb(components) if components else Fraction(sums.objective.error_budget_ppb)


def _pace(sums: Arithmetic, look: str) -> Pace:
    now = position(sums, look)
    left = minutes_to_exhaustion(now)
    minutes = None if left is None else whole_minutes(left)
    back = {Basis.ROLLING: now.expiring, Basis.FULL_WINDOW: Fraction(0), Basis.ELAPSED: Fraction(1)}[now.basis]
    at = None if minutes is None else _later(instant_of(sums.ending), minutes)
    return Pace(look, rounded_up(now.burn), rounded_down(now.expiring), rounded_up(now.burn - back), minutes, at)


def _later(instant: datetime, minutes: int) -> datetime | None:
    """No instant for what is so far away that no calendar has it."""
    return instant + timedelta(minutes=minutes) if minutes < 100 * 366 * 1440 else None
