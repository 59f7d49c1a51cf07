"""A schedule as a picture of days: the final row, each layer, in half-hours; and as a list for who reads on a phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from itsm.accounts.models import User
from itsm.oncall.engine.rota import layer_shifts
from itsm.oncall.engine.turns import instant
from itsm.oncall.engine.values import Rota, Shift, Source

STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Cell:
    """So many half-hours of a row. `look`: mine, other, swap, override, gap, nobody, unknown, free (a hole in one)."""

    width: int
    look: str
    shift: Shift | None
    names: str


@dataclass(frozen=True, slots=True)
class Day:
    """A local day of the picture; `width` in half-hours: 46 or 50 where clocks are set."""

    day: date
    width: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A shift of the list. `mine`: the reader is in it."""

    shift: Shift
    people: list[User]
    mine: bool
    is_now: bool
    is_past: bool
    is_unknown: bool


def days_shown(first: date, count: int, zone: ZoneInfo, now: datetime) -> list[Day]:
    """The local days from `first` on, each as wide as it is long."""
    edges = [edge(first + timedelta(days=number), zone) for number in range(count + 1)]
    today = now.astimezone(zone).date()
    return [
        Day(first + timedelta(days=number), round((end - begin) / STEP), first + timedelta(days=number) == today)
        for number, (begin, end) in enumerate(pairwise(edges))
    ]


def edge(day: date, zone: ZoneInfo) -> datetime:
    """The midnight that begins a local day."""
    return datetime.fromtimestamp(instant(day, 0, zone), UTC)


def row(
    shifts: Iterable[Shift], begin: datetime, end: datetime, names: dict[int, User], reader: int | None,
    known: datetime | None = None,
) -> list[Cell]:  # fmt: skip
    """Shifts as cells side by side from begin to end; a shift shorter than half a cell is left to the list. `known`:
    since when it is known who has it."""
    cells: list[Cell] = []
    at = 0
    total = round((end - begin) / STEP)
    for one in shifts:
        start, stop = (min(max(round((edge - begin) / STEP), 0), total) for edge in (one.start, one.end))
        if stop <= start:
            continue
        if start > at:
            cells.append(Cell(start - at, "free", None, ""))
        said = ", ".join(_short(names[person]) for person in one.people)
        cells.append(Cell(stop - start, _look(one, reader, known), one, said))
        at = stop
    if at < total:
        cells.append(Cell(total - at, "free", None, ""))
    return cells


def layer_row(
    rota: Rota, line: int, begin: datetime, end: datetime, names: dict[int, User], reader: int | None
) -> list[Cell]:  # fmt: skip
    """What one layer says by itself."""
    return row(layer_shifts(rota, line, begin, end), begin, end, names, reader)


def cut_at(shifts: Iterable[Shift], known: datetime | None) -> list[Shift]:
    """The same shifts; a gap that spans the instant from which on something is known is two: nobody says that nobody
    was on call before the first layer was laid, or brought in from elsewhere."""
    found: list[Shift] = []
    for one in shifts:
        if known is not None and one.source is Source.GAP and one.start < known < one.end:
            found += [replace(one, end=known), replace(one, start=known)]
        else:
            found.append(one)
    return found


def _look(shift: Shift, reader: int | None, known: datetime | None) -> str:
    if shift.source is Source.GAP:
        return "unknown" if known is not None and shift.end <= known else "gap"
    if not shift.people:
        return "nobody"
    if reader in shift.people:
        return "mine"
    return {Source.SWAP: "swap", Source.OVERRIDE: "override"}.get(shift.source, "other")


def _short(person: User) -> str:
    """The first name, or the user name."""
    return (person.name or person.username).split()[0]


def listed(
    shifts: Sequence[Shift], names: dict[int, User], reader: int | None, now: datetime, known: datetime | None = None
) -> list[Line]:
    """The same as lines."""
    return [
        Line(
            one,
            [names[person] for person in one.people],
            reader in one.people,
            one.start <= now < one.end,
            one.end <= now,
            _look(one, reader, known) == "unknown",
        )
        for one in shifts
    ]


def people_of(shifts: Iterable[Shift]) -> set[int]:
    """Everybody who is in these."""
    return {person for one in shifts for person in one.people}
