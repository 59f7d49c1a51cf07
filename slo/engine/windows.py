"""The windows over which burn is measured, and the rows of the multi-window burn alerts.

SRE Workbook chapter 5: a row fires when burn is above its factor over a long window *and* over a
short one (a twelfth of it), so that it is both significant and still going on. The share of the
budget spent is what stays fixed; the factor follows from the objective's window: spent * W / long.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

MINUTES_PER_DAY = 1440
PPB = 1_000_000_000

# Name -> minutes, in the order in which every array of burn figures is stored.
WINDOWS: dict[str, int] = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": 1440, "3d": 4320}

SHORTEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS = 7, 366


# The newest closed minute may be this old before the source counts as silent; slices longer than a minute add to it.
STALE_AFTER = timedelta(minutes=10)


class BudgetBasis(StrEnum):
    """What a calendar period's budget is a share of: the whole period, or what has passed of it."""

    FULL_WINDOW = "full_window"
    ELAPSED = "elapsed"


class Severity(StrEnum):
    """What a firing row asks for: somebody now, or somebody this week."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One row: this share of the budget spent within `long`, and still burning within `short`."""

    severity: Severity
    long: str
    short: str
    spent_percent: int

    def factor(self, window_days: int) -> Fraction:
        """Burn above which the row fires; never below 1, so that a service on track never fires it."""
        spent = Fraction(self.spent_percent, 100)
        return max(Fraction(1), spent * window_days * MINUTES_PER_DAY / WINDOWS[self.long])

    def is_reachable(self, error_budget_ppb: int, window_days: int) -> bool:
        """A total outage burns at 1/e; a row at or above that can never fire."""
        return self.factor(window_days) * error_budget_ppb < PPB


ALERT_ROWS: tuple[AlertRow, ...] = (
    AlertRow(Severity.PAGE, "1h", "5m", 2),
    AlertRow(Severity.PAGE, "6h", "30m", 5),
    AlertRow(Severity.TICKET, "1d", "2h", 10),
    AlertRow(Severity.TICKET, "3d", "6h", 10),
)


class Caution(StrEnum):
    """Why an objective, though valid, will not be guarded as its author may expect."""

    PAGE_UNREACHABLE = "page_unreachable"  # at least one page row can never fire
    TICKET_UNREACHABLE = "ticket_unreachable"
    TOO_EXTREME = "too_extreme"  # the whole budget is under two minutes of outage: one minute's blip exhausts it


def cautions(error_budget_ppb: int, window_days: int) -> list[Caution]:
    """What to tell the author of an objective; an empty list says that every row can fire."""
    unreachable = {row.severity for row in ALERT_ROWS if not row.is_reachable(error_budget_ppb, window_days)}
    found = [Caution(f"{severity}_unreachable") for severity in Severity if severity in unreachable]
    if error_budget_ppb * window_days * MINUTES_PER_DAY < 2 * PPB:
        found.append(Caution.TOO_EXTREME)
    return found
