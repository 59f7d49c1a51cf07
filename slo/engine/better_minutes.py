"""Which minutes may be set at once, and which would make a budget better than what was recorded.

Worse, completed and punctual minutes are set at once; whoever measures late is honest far more often than not. Fewer
bad events or a better share in a minute that was recorded, after a grace, is for another person to approve; so are
good events that come late where a budget is short, because they make little of what was burnt; and late good events
far beyond the usual traffic in any state, because they would make little of what is burnt next. Counts in thousandths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slo.engine.prefix import Counts

GRACE_MINUTES = 15
# A new indicator is filled with its history: for a day only an exhausted or fast burning budget holds that up.
NEW_FOR_MINUTES = 24 * 60
# Late minutes with more than so many times the usual traffic are for another person, whatever the budgets are.
LATE_TIMES_USUAL = 10


@dataclass(frozen=True, slots=True)
class BudgetsShort:
    """How the gating budgets stand that these minutes count for.

    stops_changes: one is exhausted or burns fast. short: one is no longer healthy. shares: of each short budget the
    bad and all events of its window, None where it counts slices. witnessed: somebody else measures this too, so that
    what was recorded may be theirs; nobody makes it better alone, however soon. usual: events of a minute, None where
    too few minutes were measured to say.
    """

    stops_changes: bool = False
    witnessed: bool = False
    short: bool = False
    shares: Sequence[Counts | None] = ()
    usual: int | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Minutes (since 1970) to set at once, and those that another person approves first."""

    at_once: dict[int, Counts] = field(default_factory=dict)
    held: dict[int, Counts] = field(default_factory=dict)


def might_be_better(stored: Mapping[int, Counts], minutes: Mapping[int, Counts], now: int) -> bool:
    """Whether any of them could be held, however the budgets stand: if not, nobody needs to look at them."""
    return any(
        _restates(stored[minute], counts) or _adds_good(stored[minute], counts)
        if minute in stored
        else minute < now - GRACE_MINUTES and counts.total > counts.bad
        for minute, counts in minutes.items()
    )


def sort_minutes(
    stored: Mapping[int, Counts], minutes: Mapping[int, Counts], *, now: int, began: int, standing: BudgetsShort
) -> Sorted:
    """`stored`: what these minutes hold so far; `now`: the running minute; `began`: when the indicator was defined."""
    found = Sorted()
    for minute, counts in minutes.items():
        held = _is_held(stored.get(minute), counts, minute < now - GRACE_MINUTES, now - began, standing)
        (found.held if held else found.at_once)[minute] = counts
    return found


def _is_held(old: Counts | None, new: Counts, late: bool, age: int, standing: BudgetsShort) -> bool:
    if old is not None and _restates(old, new):
        return late or standing.stops_changes or standing.witnessed
    if not late:
        return False
    added = new if old is None else Counts(new.bad - old.bad, new.total - old.total)
    if age > NEW_FOR_MINUTES and added.total > added.bad and _is_swollen(new, standing.usual):
        return True
    if not (standing.stops_changes or (standing.short and age > NEW_FOR_MINUTES)):
        return False
    return added.total > added.bad and any(_dilutes(added, share) for share in standing.shares)


def _is_swollen(counts: Counts, usual: int | None) -> bool:
    return usual is not None and counts.total > LATE_TIMES_USUAL * usual


def _restates(old: Counts, new: Counts) -> bool:
    """Fewer bad events, or a better share of good ones, than were recorded."""
    return new.bad < old.bad or new.bad * old.total < old.bad * new.total


def _adds_good(old: Counts, new: Counts) -> bool:
    return new.total - new.bad > old.total - old.bad


def _dilutes(added: Counts, window: Counts | None) -> bool:
    """Whether these events are better than what the window holds, so that its share improves."""
    return window is None or added.bad * window.total < window.bad * added.total
