"""How minutes of toil are reckoned: pure, from intervals of people.

Each event of a person counts as an interval around it (or the interval they logged instead). What a person did at the
same time counts once: minutes are those of the union. A group of fewer than three people is never shown apart.

Against differencing the figures are reckoned and hidden week by week: whatever period is asked for is a sum
of weeks, so that no two answers differ by anything that a week would not have shown itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MIN_PEOPLE = 3
WEEK = timedelta(days=7)
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


class Cause(StrEnum):
    """What the minutes went into."""

    PAGE = "page"
    APPROVAL = "approval"
    REASSIGNMENT = "reassignment"
    REPEAT = "repeat"


# Minutes before and after an event that it stands for, unless time worked was logged.
AROUND: Mapping[Cause, tuple[int, int]] = {
    Cause.PAGE: (5, 10),
    Cause.APPROVAL: (10, 0),
    Cause.REASSIGNMENT: (2, 5),
    Cause.REPEAT: (5, 10),
}


@dataclass(frozen=True, slots=True)
class Work:
    """One person was busy in [start, end) with a cause, for a service (its slug; empty where there is none)."""

    person: int
    service: str
    cause: Cause
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """Minutes of a group, of three people or more. `service` empty: not of one service."""

    service: str
    cause: str
    minutes: int
    people: int


@dataclass(slots=True)
class Report:
    """`total`: minutes of the union over everything, None where fewer than three people stand behind all of it.

    `rows`: groups that may be shown, the largest first. `others`: minutes of the rest, None where they are too few.
    `hidden_weeks`: weeks of which nothing may be shown.
    """

    total: int | None = None
    rows: list[Row] = field(default_factory=list)
    others: int | None = None
    hidden_weeks: int = 0


def around(cause: Cause, person: int, service: str, at: datetime) -> Work:
    """The interval that an event stands for."""
    before, after = AROUND[cause]
    return Work(person, service, cause, at - timedelta(minutes=before), at + timedelta(minutes=after))


def week_of(at: datetime) -> datetime:
    """The Monday, 00:00 UTC, of the week that holds this instant."""
    return _MONDAY + (at - _MONDAY) // WEEK * WEEK


def weeks(first: datetime, last: datetime) -> list[datetime]:
    """The Mondays of the whole weeks that begin in [first's week, last)."""
    begins = week_of(first)
    return [begins + WEEK * number for number in range(max(0, -((begins - last) // WEEK)))]


def union_minutes(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long at least one of these half-open spans goes on."""
    total, until = timedelta(), None
    for start, end in sorted(spans):
        if end <= start:
            continue
        begins = start if until is None or start > until else until
        if end > begins:
            total += end - begins
            until = end
    return total


def reckoned(work: Sequence[Work], first: datetime, last: datetime) -> Report:
    """The report of the whole weeks of [first, last), each hidden or shown by itself."""
    sums: dict[tuple[str, str], tuple[timedelta, int]] = {}
    total, others, hidden, shown_weeks, with_others = timedelta(), timedelta(), 0, 0, 0
    for monday in weeks(first, last):
        week = _clipped(work, monday, monday + WEEK)
        if not week:
            continue
        if len(_people(week)) < MIN_PEOPLE:
            hidden += 1
            continue
        shown_weeks += 1
        total += _minutes(week)
        apart, rest = _split(week)
        for key, group in apart.items():
            before, most = sums.get(key, (timedelta(), 0))
            sums[key] = (before + _minutes(group), max(most, len(_people(group))))
        if rest:
            others += _minutes(rest)
            with_others += 1
    rows = [Row(service, cause, _whole(spent), people) for (service, cause), (spent, people) in sums.items()]
    return Report(
        total=_whole(total) if shown_weeks else None,
        rows=sorted(rows, key=lambda row: (-row.minutes, row.service, row.cause)),
        others=_whole(others) if with_others else None,
        hidden_weeks=hidden,
    )


def _split(week: Sequence[Work]) -> tuple[dict[tuple[str, str], list[Work]], list[Work]]:
    """The groups of three people or more, and all the rest together. Where the rest is of too few people as well, the
    smallest group that is shown goes with it: else the total would tell what it is."""
    groups: dict[tuple[str, str], list[Work]] = {}
    for one in week:
        groups.setdefault((one.service, one.cause.value), []).append(one)
    apart = {key: group for key, group in groups.items() if len(_people(group)) >= MIN_PEOPLE}
    rest = [one for key, group in groups.items() if key not in apart for one in group]
    while rest and len(_people(rest)) < MIN_PEOPLE and apart:
        smallest = min(apart, key=lambda key: (_minutes(apart[key]), key))
        rest += apart.pop(smallest)
    return apart, rest


def _clipped(work: Iterable[Work], first: datetime, last: datetime) -> list[Work]:
    cut = (Work(one.person, one.service, one.cause, max(one.start, first), min(one.end, last)) for one in work)
    return [one for one in cut if one.start < one.end]


def _people(work: Iterable[Work]) -> set[int]:
    return {one.person for one in work}


def _minutes(work: Iterable[Work]) -> timedelta:
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for one in work:
        spans.setdefault(one.person, []).append((one.start, one.end))
    return sum((union_minutes(each) for each in spans.values()), timedelta())


def _whole(spent: timedelta) -> int:
    return round(spent / timedelta(minutes=1))
