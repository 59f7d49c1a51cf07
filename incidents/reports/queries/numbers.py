"""The numbers of a report: one statement for the measures that one column dates, told apart by a group or by time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Avg,
    Count,
    DateTimeField,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from incidents.incident.models import Incident, OpenSpan
from incidents.reports.queries.cycles import stopped
from incidents.reports.queries.measures import (
    AGREED,
    DATED_BY,
    EVENTS,
    GROUPED_BY,
    NONE,
    ROW,
    TIMED,
    Slice,
    counted,
    rows,
    worked,
)
from incidents.reports.queries.periods import Period
from incidents.reports.queries.spreads import Percentile, Spread, spread
from incidents.reports.vocabulary import Group, Measure

ALL = ""  # the key of what is not told apart
Key = Any
Numbers = dict[tuple[Measure, Key], "Number"]
Incidents = QuerySet[Incident]


@dataclass(frozen=True, slots=True)
class Number:
    """Incidents, and beside them how often it happened to them, or how long it took: counted by the calendar of the
    resolve clock, and as the clock on the wall has it."""

    number: int = 0
    events: int | None = None
    by_calendar: Spread | None = None
    wall: Spread | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """By what numbers are told apart: a group, buckets of time that touch one another, or not at all."""

    group: Group | None = None
    buckets: Sequence[Period] = field(default_factory=tuple)

    def period(self, asked: Period) -> Period:
        """What is counted at all: the buckets, else what is asked for."""
        return Period(self.buckets[0].since, self.buckets[-1].until) if self.buckets else asked

    def read(self, key: str) -> Key:
        """A key that was written as text, as the others are."""
        return int(key) if self.buckets or self.group == Group.PRIORITY else key

    def key(self, at: str) -> Combinable:
        """The value of the group as the grammar writes it, or the place of the bucket in which a column lies."""
        if self.group is not None:
            column = F(GROUPED_BY[self.group])
            return Coalesce(column, Value(NONE)) if self.group in {Group.SERVICE, Group.ASSIGNED} else column
        if not self.buckets:
            return Value(ALL)
        return _place(at, [one.since for one in self.buckets])


def _place(at: str, edges: Sequence[datetime | None]) -> Combinable:
    """Between which edges a column lies: 0 from the first on, -1 before it."""
    array = Value(list(edges), output_field=ArrayField(DateTimeField()))
    return Func(F(at), array, function="width_bucket", output_field=IntegerField()) - Value(1)


NOT_SPLIT = Split()


def numbers(
    basis: Incidents, measures: Collection[Measure], period: Period, split: Split = NOT_SPLIT, *, means: bool = False
) -> Numbers:
    """Each measure of a basis by the keys that have anything to count; key ALL where nothing is told apart, else the
    value of the group or the place of the bucket. `means`: of times the mean alone, which needs no sorting."""
    found: Numbers = {}
    for column in dict.fromkeys(_column(one) for one in measures):
        of_one_kind = [one for one in measures if _column(one) == column and one not in TIMED]
        if column and of_one_kind:
            found |= _dated(basis, of_one_kind, column, period, split)
    if agreed := [one for one in measures if one in AGREED]:
        found |= _agreed(basis, agreed, period, split)
    for measure in measures:
        if measure in TIMED:
            found |= _timed(basis, measure, period, split, _MEAN if means else _SPREAD)
        elif measure == Measure.BACKLOG:
            found |= _backlog(basis, period, split)
        elif measure == Measure.TIME_WORKED:
            found |= _worked(basis, period, split)
    return found


def _column(measure: Measure) -> str:
    return DATED_BY[measure][0] if measure in DATED_BY else ""


def _dated(basis: Incidents, measures: list[Measure], column: str, period: Period, split: Split) -> Numbers:
    period = split.period(period)
    base = basis.filter(period.holds(column) if period != Period() else Q())
    if len(measures) == 1:  # what is looked for is few of many, which then need not be read
        base = base.filter(counted(measures[0], Period()))
    elif Measure.TOTAL not in measures:
        base = base.filter(merged_into=None)
    asked: dict[str, Any] = {}
    for measure in measures:
        holds = counted(measure, Period())
        asked[f"{measure}_n"] = Count(ROW, filter=holds)
        if measure in EVENTS:
            asked[f"{measure}_events"] = Coalesce(Sum(sum(map(F, EVENTS[measure]), Value(0)), filter=holds), 0)
    lines: Any = base.annotate(key=split.key(column)).values("key").annotate(**asked)
    return {
        (measure, line["key"]): Number(line[f"{measure}_n"], line.get(f"{measure}_events"))
        for line in lines
        for measure in measures
        if line[f"{measure}_n"]
    }


_MEAN: Mapping[str, Callable[[str], Any]] = {"mean": Avg}
_SPREAD: Mapping[str, Callable[[str], Any]] = {
    **_MEAN,
    "p50": lambda column: Percentile(column, share=0.5),
    "p90": lambda column: Percentile(column, share=0.9),
}


def _timed(
    basis: Incidents, measure: Measure, period: Period, split: Split, asked: Mapping[str, Callable[[str], Any]]
) -> Numbers:
    """By its calendar and by the clock on the wall."""
    counted_s, column = TIMED[measure]
    found = rows(basis, Slice(measure, split.period(period))).annotate(key=split.key(column), wall=_seconds(column))
    times = (counted_s, "wall")
    wanted = {f"{time}_{name}": make(time) for time in times for name, make in asked.items()}
    return {
        (measure, line["key"]): Number(line["n"], None, *(_spread(line, time) for time in times))
        for line in found.values("key").annotate(n=Count(ROW), **wanted)
    }


def _spread(line: Mapping[str, Any], time: str) -> Spread:
    return spread(line["n"], *(line.get(f"{time}_{name}") for name in _SPREAD))


def _seconds(column: str) -> Func:
    lasted = F(column) - F("opened_at")
    return Func(lasted, template="extract(epoch FROM %(expressions)s)", output_field=FloatField())


def _agreed(basis: Incidents, measures: Collection[Measure], period: Period, split: Split) -> Numbers:
    """Incidents, and cycles of the clock beside: all outcomes in one statement."""
    wanted = {AGREED[one]: one for one in measures}
    group = Value(ALL) if split.buckets else split.key("opened_at")
    found = stopped(
        basis.filter(merged_into=None), {name for name, _outcome, _by_change in wanted}, split.period(period), group,
        split.buckets,
    )  # fmt: skip
    return {
        (wanted[name, outcome, by_change], split.read(key)): Number(incidents, cycles)
        for name, outcome, by_change, key, incidents, cycles in found
        if (name, outcome, by_change) in wanted
    }


def _worked(basis: Incidents, period: Period, split: Split) -> Numbers:
    """Incidents, and the minutes that were worked on them beside."""
    period = split.period(period)
    spent: Any
    if split.group is not None:
        minutes = worked(period).filter(record_id=OuterRef("pk")).values("record_id").annotate(all=Sum("minutes"))
        spent = rows(basis, Slice(Measure.TIME_WORKED, period)).annotate(spent=Subquery(minutes.values("all")))
        spent = spent.annotate(key=split.key("opened_at")).values("key").annotate(n=Count(ROW), all=Sum("spent"))
    else:
        among = worked(period).filter(record_id__in=basis.filter(merged_into=None).values("pk"))
        spent = among.annotate(key=split.key("noon")).values("key")
        spent = spent.annotate(n=Count("record_id", distinct=True), all=Sum("minutes"))
    return {(Measure.TIME_WORKED, line["key"]): Number(line["n"], line["all"]) for line in spent}


def _backlog(basis: Incidents, period: Period, split: Split) -> Numbers:
    if split.buckets:
        return _backlog_over_time(basis, split.buckets)
    lines = rows(basis, Slice(Measure.BACKLOG, period)).annotate(key=split.key("opened_at")).values("key")
    return {(Measure.BACKLOG, line["key"]): Number(line["n"]) for line in lines.annotate(n=Count(ROW))}


def _backlog_over_time(basis: Incidents, buckets: Sequence[Period]) -> Numbers:
    """At the end of each bucket: what was open before the first, and what began and ended since. One pass."""
    last = buckets[-1].end
    among = basis.filter(merged_into=None).values("pk")
    spans = OpenSpan.objects.filter(incident__in=among, begun_at__lt=last, ended_at__gte=buckets[0].since).order_by()
    edges = [*(one.since for one in buckets), last]
    lines = spans.annotate(begun=_place("begun_at", edges), ended=_place("ended_at", edges)).values("begun", "ended")
    moved = [0] * (len(buckets) + 2)  # before the first, in each, after the last
    for line in lines.annotate(n=Count(ROW)):
        moved[line["begun"] + 1] += line["n"]
        moved[line["ended"] + 1] -= line["n"]
    _before, *totals = accumulate(moved[:-1])
    return {(Measure.BACKLOG, place): Number(total) for place, total in enumerate(totals)}
