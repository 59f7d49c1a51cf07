"""A period of the calendar as days, weeks and a lane per service, for its pages. Pure arithmetic over what was read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from changes.calendar.rules.bounds import within
from changes.change.models import Change
from changes.change.queries.calendar import CalendarOf

IN_A_CELL = 4  # of a month; the week shows all
_DAY = timedelta(days=1)
TONES = {"maintenance": "blue", "freeze": "amber", "blackout": "amber", "lockdown": "red"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing on one day. `meets`: changes of the same service and environment at the same time.

    `clock`: when it begins, on the local day `begins_on`; on the days after it goes on.
    """

    kind: str
    name: str
    tone: str
    clock: str
    begins_on: date
    starts_at: datetime
    ends_at: datetime
    change: Change | None = None
    demanded: bool = False
    meets: tuple[str, ...] = ()
    url: str = ""


@dataclass(slots=True)
class Day:
    """A local day with what happens on it, in order; a month shows the first few and says how many `more` there are."""

    date: date
    is_outside: bool = False
    is_today: bool = False
    chips: list[Chip] = field(default_factory=list)

    @property
    def shown(self) -> list[Chip]:
        """What a cell of the month has room for."""
        return self.chips[:IN_A_CELL]

    @property
    def more(self) -> int:
        """How many it has no room for."""
        return max(0, len(self.chips) - IN_A_CELL)


@dataclass(frozen=True, slots=True)
class Lane:
    """A service with its changes by day."""

    name: str
    slug: str
    days: list[Day]


def month_of(day: date) -> tuple[date, date]:
    """The Mondays between which a month lies whole: [first, last)."""
    first = day.replace(day=1)
    begin = first - _DAY * first.weekday()
    after = (first + 31 * _DAY).replace(day=1)
    return begin, after + _DAY * (-after.weekday() % 7)


def week_of(day: date) -> tuple[date, date]:
    """[Monday, next Monday)."""
    begin = day - _DAY * day.weekday()
    return begin, begin + 7 * _DAY


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a local day begins."""
    return datetime.combine(day, time.min, zone)


def days_of(
    chips: Iterable[Chip], begin: date, end: date, today: date, zone: tzinfo, month: int | None = None
) -> list[Day]:
    """Every local day of [begin, end) with what meets it. `month`: days of others are outside."""
    days = [
        Day(one, is_outside=month not in (None, one.month), is_today=one == today)
        for one in (begin + _DAY * number for number in range((end - begin).days))
    ]
    for chip in chips:
        starts = chip.starts_at.astimezone(zone)
        last = (chip.ends_at.astimezone(zone) - timedelta(microseconds=1)).date()
        for number in range(max(0, (starts.date() - begin).days), min(len(days), (last - begin).days + 1)):
            days[number].chips.append(chip)
    return days


def weeks_of(days: Sequence[Day]) -> list[list[Day]]:
    """Seven by seven."""
    return [list(days[number : number + 7]) for number in range(0, len(days), 7)]


def chips_of(calendar: CalendarOf, zone: tzinfo) -> list[Chip]:
    """Closures and maintenance first, then meetings, then changes; each in the order of its start."""
    windows = [
        Chip(
            one.window_type, one.name, TONES.get(one.window_type, ""), f"{one.starts_at.astimezone(zone):%H:%M}",
            one.starts_at.astimezone(zone).date(), one.starts_at, one.ends_at, demanded=one.demanded,
        )
        for one in calendar.windows
    ]  # fmt: skip
    meetings = [
        Chip(
            "meeting", one.name, "", f"{one.starts_at.astimezone(zone):%H:%M}", one.starts_at.astimezone(zone).date(),
            one.starts_at, one.ends_at, url=one.url,
        )
        for one in calendar.meetings
    ]  # fmt: skip
    return windows + meetings + changes_of(calendar.changes, zone)


def changes_of(changes: Sequence[Change], zone: tzinfo) -> list[Chip]:
    """Changes that say when, each with those that meet it."""
    met = meeting(changes)
    return [
        Chip(
            "change", one.summary, "green" if one.is_authorised else "", f"{begins.astimezone(zone):%H:%M}",
            begins.astimezone(zone).date(), begins, ends, one, meets=met[one.pk],
        )
        for one in changes
        for begins, ends in [tuple(map(within, one.window or (one.created_at, one.created_at)))]
    ]  # fmt: skip


def meeting(changes: Sequence[Change]) -> dict[int, tuple[str, ...]]:
    """Change -> the references of those of its service and environment whose time meets its own."""
    found: dict[int, list[str]] = defaultdict(list)
    places: dict[tuple[int, str], list[Change]] = defaultdict(list)
    for one in changes:  # in the order of their starts
        open_ones = places[(one.service_id, one.environment)]
        open_ones[:] = [other for other in open_ones if other.window and one.window and other.window[1] > one.window[0]]
        for other in open_ones:
            found[one.pk].append(other.reference)
            found[other.pk].append(one.reference)
        open_ones.append(one)
    return defaultdict(tuple, {pk: tuple(references) for pk, references in found.items()})


def lanes_of(changes: Sequence[Change], begin: date, end: date, today: date, zone: tzinfo) -> list[Lane]:
    """A lane for each service that has a change in the period, by name."""
    chips = changes_of(changes, zone)
    by_service: dict[tuple[str, str], list[Chip]] = defaultdict(list)
    for chip in chips:
        if chip.change is not None:
            by_service[(chip.change.service.name, chip.change.service.slug)].append(chip)
    return [
        Lane(name, slug, days_of(mine, begin, end, today, zone)) for (name, slug), mine in sorted(by_service.items())
    ]
