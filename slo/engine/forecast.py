"""When a budget will be gone, and what would become of it: exact fractions, in *budget minutes*.

A budget minute is what burn 1 spends in a minute: a window of W minutes holds W of them (of average
traffic), and a share of the budget times W is that share in budget minutes. One total outage minute costs
1/e of them. `slo.objectives.queries.wording.FORMULAS` says each formula in words, for the page that shows its result.
Rounding is left to the edge: `whole_minutes`, `burn.rounded_down`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from slo.engine.burn import error_budget_ppb
from slo.engine.methods import Method
from slo.engine.windows import PPB


class Basis(StrEnum):
    """What the budget is a share of; says which formula gives its end."""

    ROLLING = "rolling"
    FULL_WINDOW = "full_window"  # calendar, with the events still to come
    ELAPSED = "elapsed"  # calendar, the events so far


@dataclass(frozen=True, slots=True)
class BudgetPosition:
    """A budget as it stands. Shares and rates are fractions (1 is all of it), times are minutes.

    `expiring` is the burn of the data about to leave a rolling window. A calendar says how much of its period is
    left; `window_minutes` is the whole period. A budget of several components gives `joint_budget_ppb`.
    """

    remaining: Fraction
    burn: Fraction
    window_minutes: int
    error_budget_ppb: int | Fraction
    basis: Basis = Basis.ROLLING
    expiring: Fraction = Fraction(0)
    minutes_left: int = 0
    method: Method = Method.OCCURRENCES
    slice_minutes: int = 1
    time_slice_target_ppb: int = PPB

    @property
    def basis_minutes(self) -> int:
        """How many budget minutes the whole budget is."""
        return self.window_minutes - (self.minutes_left if self.basis is Basis.ELAPSED else 0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be. `minutes_to_exhaustion` counts from the outage's end, None is never (in this period);
    `outages_left` is how many such outages the budget pays for before the first of them, None for any number."""

    remaining: Fraction
    burn: Fraction
    spent_by_outage: Fraction
    minutes_to_exhaustion: Fraction | None
    outages_left: int | None


def minutes_to_exhaustion(now: BudgetPosition) -> Fraction | None:
    """Minutes until nothing is left if burn goes on as it is: 0 when exhausted, None for never (in this period)."""
    return what_if(now).minutes_to_exhaustion


def joint_budget_ppb(components: Iterable[tuple[Fraction, int]]) -> Fraction:
    """(weight, budget in billionths) of each component -> the budget of which an outage of all costs as much."""
    return 1 / sum((weight / budget for weight, budget in components), Fraction(0))


def what_if(
    now: BudgetPosition,
    traffic: Fraction = Fraction(1),
    target: Decimal | None = None,
    outage_minutes: int = 0,
    outage_share: Fraction = Fraction(1),
) -> Forecast:
    """The budget after an outage of so many minutes beginning now, with so many times the traffic, at another target.

    Traffic x N: every minute from now on has N times the window's average events, so it burns and an outage costs
    N times as much of a budget of events: an outage of m minutes in which a share q fails costs N*q*m / (e*D), where
    e = 1 - target and D is what the budget is a share of, in minutes of average traffic:
      rolling       D = W. The budget is held at what the window allows today, which is the strict side for N > 1.
      full window   D = W + (N-1)*left: the events still expected in the period are N times as many.
      elapsed       D = elapsed + N*m: the outage's own events enter the budget.
    Nothing of this moves a budget of slices (N = 1): there an outage costs its bad slices * length / (e*D).
    What of an outage lies after a calendar period's end is no part of it.
    Target y: the window's bad events against e' = 1 - y, as though y had held all along: spent and burn x e/e'.
    ValueError for negative traffic or minutes, a share outside 0 to 1, an impossible target.
    """
    if traffic < 0 or outage_minutes < 0 or not 0 <= outage_share <= 1:
        raise ValueError("Traffic and minutes are not negative, and the share that fails lies between 0 and 1.")
    now = now if target is None else _with_target(now, target)
    traffic = traffic if now.method is Method.OCCURRENCES else Fraction(1)
    minutes = outage_minutes if now.basis is Basis.ROLLING else min(outage_minutes, now.minutes_left)
    spent = (1 - now.remaining) * now.basis_minutes
    basis = now.basis_minutes + ((traffic - 1) * now.minutes_left if now.basis is Basis.FULL_WINDOW else Fraction(0))
    gain = traffic * minutes if now.basis is Basis.ELAPSED else Fraction(0)
    price = _bad_minutes(now, minutes, outage_share) * traffic * PPB / now.error_budget_ppb
    whole = Fraction(basis + gain)
    left = whole - spent - price
    return Forecast(
        remaining=left / whole if whole else Fraction(1),
        burn=now.burn,
        spent_by_outage=price / whole if whole else Fraction(0),
        minutes_to_exhaustion=_until_gone(now, left, traffic, now.minutes_left - minutes) if whole else None,
        outages_left=max(0, (basis - spent) // (price - gain)) if price > gain else None,
    )


def whole_minutes(minutes: Fraction) -> int:
    """Rounded down: nobody is promised a minute that is not there."""
    return minutes.numerator // minutes.denominator


def _with_target(now: BudgetPosition, target: Decimal) -> BudgetPosition:
    budget = error_budget_ppb(target)
    factor = Fraction(now.error_budget_ppb) / budget
    return replace(
        now,
        remaining=1 - (1 - now.remaining) * factor,
        burn=now.burn * factor,
        expiring=now.expiring * factor,
        error_budget_ppb=budget,
    )


def _bad_minutes(now: BudgetPosition, minutes: int, share: Fraction) -> Fraction:
    """Minutes of average traffic that fail, or of slices that are bad, in an outage that begins with a slice."""
    if now.method is not Method.TIMESLICES:
        return share * minutes
    tolerated = 1 - Fraction(now.time_slice_target_ppb, PPB)
    whole, rest = divmod(minutes, now.slice_minutes)
    bad = (whole if share > tolerated else 0) + (share * rest / now.slice_minutes > tolerated)
    return Fraction(bad * now.slice_minutes)


def _until_gone(now: BudgetPosition, left: Fraction, traffic: Fraction, minutes_left: int) -> Fraction | None:
    """Budget minutes that are left, by the speed at which they go."""
    if left <= 0:
        return Fraction(0)
    # What comes back meanwhile: bad events leaving a rolling window, or allowed failures of a growing one.
    back = {Basis.ROLLING: now.expiring, Basis.FULL_WINDOW: Fraction(0), Basis.ELAPSED: traffic}[now.basis]
    speed = traffic * now.burn - back
    if speed <= 0:
        return None
    minutes = left / speed
    return None if now.basis is not Basis.ROLLING and minutes > minutes_left else minutes
