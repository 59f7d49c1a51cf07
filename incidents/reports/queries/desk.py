"""The report of a desk: its measures as a whole and by team, priority or another group, over time, and by age."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from django.db.models import Count

from catalog.services.queries import every_service
from incidents.incident.vocabulary import Channel, Priority
from incidents.incident.workflow import Status
from incidents.reports.queries.measures import AGREED, NONE, ROW, TIMED, Slice, of_age, rows
from incidents.reports.queries.numbers import ALL, Incidents, Key, Number, Numbers, Split, numbers
from incidents.reports.queries.periods import Period, buckets, usual_bucket
from incidents.reports.vocabulary import Age, Bucket, Group, Measure
from itsm.accounts.models import Team, User

SHOWN = tuple(one for one in Measure if one is not Measure.TOTAL)
DRAWN = (Measure.OPENED, Measure.RESOLVED, Measure.BACKLOG, Measure.SLA_MET, Measure.SLA_BREACHED)
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and the rows that it counts."""

    number: Number
    rows: Slice


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one team, priority or other value, or of one bucket of time (`period`)."""

    name: str
    value: str
    period: Period
    cells: dict[Measure, Cell]

    def share(self, measure: Measure) -> tuple[int, int] | None:
        """How many of how many: of what met or missed its target, what met it; of what was resolved, what was solved at
        first contact. None where the measure is no share, or of nothing."""
        if measure == Measure.FCR:
            part, whole = self._number(measure), self._number(Measure.RESOLVED)
        elif measure in AGREED and AGREED[measure][1] == "met":
            late = next(one for one in AGREED if AGREED[one] == (AGREED[measure][0], "breached", False))
            part = self._cycles(measure)
            whole = part + self._cycles(late)
        else:
            return None
        return (part, whole) if whole else None

    def _number(self, measure: Measure) -> int:
        return self.cells[measure].number.number if measure in self.cells else 0

    def _cycles(self, measure: Measure) -> int:
        return (self.cells[measure].number.events or 0) if measure in self.cells else 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a report shows. `before`: the same of the period before, without a backlog of all ages."""

    total: Line
    before: Line | None
    lines: list[Line]
    over_time: list[Line]
    ages: list[tuple[Age, Cell]]
    bucket: Bucket


def desk(
    basis: Incidents, period: Period, group: Group, zone: tzinfo, *, measures: Sequence[Measure] = SHOWN,
    compared: bool = True,
) -> Desk:  # fmt: skip
    """The report of a period over a basis."""
    bucket = usual_bucket(period, zone)
    earlier = period.before(zone) if compared else None
    lines = by_group(basis, measures, period, group, means=True)
    return Desk(
        _summed(basis, lines, measures, period),
        whole(basis, measures, earlier, means=True) if earlier is not None else None,
        lines[:MOST_LINES],
        over_time(basis, DRAWN, period, bucket, zone),
        _ages(basis, period),
        bucket,
    )


def whole(basis: Incidents, measures: Sequence[Measure], period: Period, *, means: bool = False) -> Line:
    """The measures of a period, not told apart; `means`: of times the mean alone."""
    return _line("", "", period, measures, numbers(basis, measures, period, means=means), ALL, None)


def _summed(basis: Incidents, lines: list[Line], measures: Sequence[Measure], period: Period) -> Line:
    """The same as `whole`, from lines that have each incident once; only what is timed is asked for again."""
    found = numbers(basis, [one for one in measures if one in TIMED], period)
    for measure in measures:
        cells = [line.cells[measure].number for line in lines]
        if measure not in TIMED and any(cell.number for cell in cells):
            events = [cell.events for cell in cells if cell.events is not None]
            found[measure, ALL] = Number(sum(cell.number for cell in cells), sum(events) if events else None)
    return _line("", "", period, measures, found, ALL, None)


def by_group(
    basis: Incidents, measures: Sequence[Measure], period: Period, group: Group, *, means: bool = False
) -> list[Line]:
    """Those that have anything to count, the busiest first; priorities in their order. `means`: of times the mean
    alone."""
    found = numbers(basis, measures, period, Split(group), means=means)
    names = _names(group, {key for _measure, key in found})
    lines = [_line(name, str(key), period, measures, found, key, group) for key, name in names.items()]
    if group == Group.PRIORITY:
        return sorted(lines, key=lambda line: line.value)
    return sorted(lines, key=_busiest_first)


def _busiest_first(line: Line) -> tuple[int, int, str]:
    numbers = [cell.number.number for cell in line.cells.values()]
    return -numbers[0], -sum(numbers), line.name


def over_time(
    basis: Incidents, measures: Sequence[Measure], period: Period, bucket: Bucket, zone: tzinfo
) -> list[Line]:
    """A line for each local day, week or month; none of a period that never began."""
    parts = buckets(period, bucket, zone)
    if not parts:
        return []
    found = numbers(basis, measures, period, Split(buckets=parts))
    return [_line("", "", part, measures, found, place, None) for place, part in enumerate(parts)]


def _line(
    name: str, value: str, period: Period, measures: Iterable[Measure], found: Numbers, key: Key, group: Group | None
) -> Line:
    nothing = Number()
    return Line(name, value, period, {
        one: Cell(found.get((one, key), nothing), Slice(one, period, group, value)) for one in measures
    })  # fmt: skip


def _ages(basis: Incidents, period: Period) -> list[tuple[Age, Cell]]:
    """The backlog at the end of the period by how long ago each was opened: one statement."""
    at = Period(None, period.end)
    standing = rows(basis, Slice(Measure.BACKLOG, at))
    found = standing.aggregate(**{age.name: Count(ROW, filter=of_age(age, period.end)) for age in Age})
    return [(age, Cell(Number(found[age.name]), Slice(Measure.BACKLOG, at, age=age))) for age in Age]


def _names(group: Group, keys: set[Key]) -> dict[Key, str]:
    """Keys with the names that people know them by; '' for none."""
    known: dict[Key, str] = {}
    if group == Group.TEAM:
        known = dict(Team.objects.filter(slug__in=keys).values_list("slug", "name"))
    elif group == Group.SERVICE:
        known = dict(every_service().filter(slug__in=keys).values_list("slug", "name"))
    elif group == Group.ASSIGNED:
        known = {one.username: str(one) for one in User.objects.filter(username__in=keys)}
    elif group == Group.PRIORITY:
        known = {one.value: str(one.label) for one in Priority}
    elif group == Group.STATE:
        known = {one.value: str(one.label) for one in Status}
    elif group == Group.CHANNEL:
        known = {one.value: str(one.label) for one in Channel}
    return {key: "" if key == NONE else known.get(key, str(key)) for key in keys}
