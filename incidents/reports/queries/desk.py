"""The page of reports: a line for each team, priority or service, what was opened and resolved day by day, and ages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import Trunc

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.reports.queries.measures import Period, Slice, rows
from incidents.reports.vocabulary import Age, Group, Measure
from itsm.kernel.actors import Actor

SHOWN = (
    Measure.OPENED, Measure.RESOLVED, Measure.BACKLOG, Measure.REOPENED, Measure.REASSIGNED, Measure.ESCALATED,
    Measure.CAUSED_BY_CHANGE, Measure.SLA_MET, Measure.SLA_BREACHED,
)  # fmt: skip
MOST_LINES = 100
_DAYS_AS_DAYS, _DAYS_AS_WEEKS = 62, 400


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and the rows that it counts."""

    number: int
    rows: Slice


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one team, priority or service (`value`), in the order of SHOWN."""

    name: str
    value: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Some local days of the period, and what was opened and resolved in them."""

    period: Period
    opened: Cell
    resolved: Cell


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the page. `unit`: day, week or month."""

    total: Line
    lines: list[Line]
    buckets: list[Bucket]
    ages: list[tuple[Age, Cell]]
    unit: str


def desk(actor: Actor, period: Period, group: Group, zone: ZoneInfo) -> Desk:
    """The report of a period as the reader may see it; buckets are local days, weeks from Monday, or months."""
    whole = Slice(period=period)
    total = [_cell(actor, whole.of(measure=measure)) for measure in SHOWN]
    unit, edges = _edges(period, zone)
    ages = [(age, _cell(actor, whole.of(measure=Measure.BACKLOG, age=age.value))) for age in Age]
    return Desk(
        Line("", "", total),
        _lines(actor, period, group)[:MOST_LINES],
        list(_buckets(actor, edges, unit, zone)),
        ages,
        unit,
    )


def _cell(actor: Actor, asked: Slice) -> Cell:
    return Cell(rows(actor, asked).order_by().count(), asked)


def _lines(actor: Actor, period: Period, group: Group) -> list[Line]:
    """Those that have anything to count, the busiest first; priorities in their order."""
    whole = Slice(period=period, group=group.value)
    counted = {measure: _by_group(rows(actor, Slice(measure, period)), group) for measure in SHOWN}
    names = {key: name for found in counted.values() for key, (name, _number) in found.items()}
    lines = [
        Line(name, key, [
            Cell(counted[measure].get(key, ("", 0))[1], whole.of(measure=measure, value=key)) for measure in SHOWN
        ])
        for key, name in names.items()
    ]  # fmt: skip
    if group == Group.PRIORITY:
        return sorted(lines, key=lambda line: line.value)
    return sorted(lines, key=lambda line: (-line.cells[0].number, -line.cells[2].number, line.name))


def _by_group(found: QuerySet[Incident], group: Group) -> dict[str, tuple[str, int]]:
    """Value of the group -> its name and how many."""
    found = found.order_by()
    if group == Group.PRIORITY:
        pairs = found.values_list("priority").annotate(number=Count("pk"))
        return {str(one): (str(Priority(one).label), number) for one, number in pairs}
    named = found.values_list(f"{group}__slug", f"{group}__name").annotate(number=Count("pk"))
    return {slug or "": (name or "", number) for slug, name, number in named}


def _edges(period: Period, zone: ZoneInfo) -> tuple[str, list[datetime]]:
    """Where the buckets of a bounded period meet, in the zone; none of one that never began."""
    if period.since is None:
        return "month", []
    first, end = period.since.astimezone(zone), period.end.astimezone(zone)
    days = (end - first).days
    unit = "day" if days <= _DAYS_AS_DAYS else "week" if days <= _DAYS_AS_WEEKS else "month"
    edges, at = [first], _next(first, unit)
    while at < end:
        edges.append(at)
        at = _next(at, unit)
    return unit, [*edges, end] if end > first else []


def _next(at: datetime, unit: str) -> datetime:
    """The beginning of the local day, week or month after this one."""
    day = at.date()
    if unit == "day":
        later = day + timedelta(days=1)
    elif unit == "week":
        later = day + timedelta(days=7 - day.weekday())
    else:
        later = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(later, time(), at.tzinfo)


def _buckets(actor: Actor, edges: list[datetime], unit: str, zone: ZoneInfo) -> Iterator[Bucket]:
    if not edges:
        return
    whole = Period(edges[0], edges[-1])
    numbers = {
        measure: _by_bucket(rows(actor, Slice(measure, whole)), column, unit, zone)
        for measure, column in ((Measure.OPENED, "opened_at"), (Measure.RESOLVED, "over_at"))
    }
    for since, until in pairwise(edges):
        part = Period(since, until)
        opened, resolved = (
            Cell(numbers[measure].get(_start(since, unit), 0), Slice(measure, part))
            for measure in (Measure.OPENED, Measure.RESOLVED)
        )
        yield Bucket(part, opened, resolved)


def _start(at: datetime, unit: str) -> Any:
    """The local day on which the bucket of an instant begins."""
    day = at.date()
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]


def _by_bucket(found: QuerySet[Incident], column: str, unit: str, zone: ZoneInfo) -> dict[Any, int]:
    begins = Trunc(column, unit, tzinfo=zone)
    pairs = found.order_by().annotate(bucket=begins).values_list("bucket").annotate(number=Count("pk"))
    return {at.astimezone(zone).date(): number for at, number in pairs}
