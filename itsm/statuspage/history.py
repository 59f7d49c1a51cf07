"""The days of a component: how it stood on each, and what share of it was good. Plain arithmetic, no database.

A day is a local day of the page's zone, so it has 23, 24 or 25 hours where clocks change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from itsm.statuspage.vocabulary import GRAVITY, WEIGHT, State, worst

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Span:
    """A state during [began, ended), by notice or by hand; `ended` None: it goes on."""

    state: str
    began: datetime
    ended: datetime | None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class DayBounds:
    """A local day as instants: [starts, ends)."""

    day: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one component. `state`: the worst that the public was told, None where nothing is known of it.

    `share`: the good part of it (0 to 1), None where nothing was measured; `minutes`: whole minutes in trouble.
    """

    day: date
    state: str | None
    share: Decimal | None
    measured: bool
    minutes: int

    @property
    def label(self) -> str:
        """The state in words, "" where nothing is known."""
        return str(State(self.state).label) if self.state else ""

    @property
    def percent(self) -> str:
        """Rounded down, "" where nothing is known: 99.999 % is no 100 %."""
        return percent(self.share)


def percent(share: Decimal | None) -> str:
    """A share as people read it, rounded down to hundredths."""
    if share is None:
        return ""
    return f"{(share * 100).quantize(_HUNDREDTH, ROUND_FLOOR)} %"


def local_days(zone: str, now: datetime, count: int) -> list[DayBounds]:
    """The last `count` local days, today the last of them."""
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    days = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return [DayBounds(one, _midnight(one, place), _midnight(one + timedelta(days=1), place)) for one in days]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def state_at(spans: Sequence[Span], at: datetime) -> str:
    """How it stands: what is said by hand, else the worst of what notices say, else operational."""
    holding = [one for one in spans if one.began <= at and (one.ended is None or at < one.ended)]
    said = [one.state for one in holding if one.by_hand]
    return worst(said or [one.state for one in holding])


def days(
    spans: Sequence[Span],
    bounds: Sequence[DayBounds],
    *,
    born: datetime,
    now: datetime,
    measured: Sequence[Decimal | None] | None = None,
) -> list[Day]:
    """Each day of a component that is shown since `born`. `measured`: the good share of each by an objective, where one
    measures it; without it, what notices said counts by minutes: a major outage whole, a partial one for 0.3."""
    cuts = sorted({edge for one in spans for edge in (one.began, one.ended) if edge is not None})
    return [_day(spans, one, cuts, born, now, measured[place] if measured is not None else None, measured is not None)
            for place, one in enumerate(bounds)]  # fmt: skip


def _day(
    spans: Sequence[Span],
    bounds: DayBounds,
    cuts: Sequence[datetime],
    born: datetime,
    now: datetime,
    share: Decimal | None,
    by_objective: bool,
) -> Day:
    starts, ends = max(bounds.starts, born), min(bounds.ends, now)
    if ends <= starts:
        return Day(bounds.day, None, share, by_objective and share is not None, 0)
    lasted = _lasted(spans, [starts, *(one for one in cuts if starts < one < ends), ends])
    trouble = sum((lasted[state] for state in lasted if GRAVITY[state] > GRAVITY[State.MAINTENANCE]), timedelta())
    told = worst(list(lasted)) if lasted else State.OPERATIONAL.value
    if by_objective:
        nothing_known = share is None and told == State.OPERATIONAL
        return Day(bounds.day, None if nothing_known else told, share, share is not None, _minutes(trouble))
    lost = sum(
        (Decimal(_seconds(lasted[state])) * weight for state, weight in WEIGHT.items() if state in lasted), Decimal(0)
    )
    return Day(bounds.day, told, 1 - lost / _seconds(ends - starts), False, _minutes(trouble))


def _lasted(spans: Sequence[Span], edges: Sequence[datetime]) -> dict[str, timedelta]:
    """How long each state but the usual one lasted between the first edge and the last."""
    found: dict[str, timedelta] = {}
    for begins, ends in pairwise(edges):
        state = state_at(spans, begins)
        if state != State.OPERATIONAL:
            found[state] = found.get(state, timedelta()) + (ends - begins)
    return found


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / 1_000_000


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def overall(found: Sequence[Day]) -> Decimal | None:
    """The mean of the days of which a share is known; None where there is none."""
    known = [one.share for one in found if one.share is not None]
    return sum(known, Decimal(0)) / len(known) if known else None
