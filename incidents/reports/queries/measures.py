"""What each measure counts: one condition for the number, for the rows behind it and for the picture.

Periods are [from, to). What was merged into another incident is counted with that one, so in nothing but the total.
A reader counts what lies in queues that they see; their own ticket in a hidden queue is no figure of the desk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, Func, Q, QuerySet, Value

from incidents.imports.models import Imported
from incidents.incident.models import Incident, OpenSpan
from incidents.incident.workflow import OVER
from incidents.reports import permissions
from incidents.reports.queries.periods import ALL_TIME, Period
from incidents.reports.vocabulary import Age, Group, Measure
from incidents.sla.rules import FIRST_RESPONSE, RESOLVE, UPDATE
from itsm.accounts.queues import rights_in_queues
from itsm.clocks.models import Clock
from itsm.kernel.actors import Actor
from itsm.work.models import Link, TimeWorked

# What is counted of each row: no column, so that the index of a report holds all that is asked.
ROW = Value(1)
NONE = "none"  # the word of the filter grammar for what has no service, or nobody

# The column that says when: the list is narrowed by the term of the same place. The others are dated by themselves.
DATED_BY = {
    **dict.fromkeys(
        ("total", "opened", "reopened", "reassigned", "escalated", "caused_by_change"), ("opened_at", "opened")
    ),
    **dict.fromkeys(("resolved", "fcr", "mttr"), ("resolved_at", "resolved")),
}
# Columns of the incident that tell how often, where it is more than once.
EVENTS = {
    Measure.REOPENED: ("reopened",),
    Measure.REASSIGNED: ("reassigned",),
    Measure.ESCALATED: ("escalated_functionally", "escalated_hierarchically"),
}
# What is timed: the column of seconds that count, and that of the instant at which it was over.
TIMED = {
    Measure.MTTA: ("acknowledge_s", "acknowledged_at"),
    Measure.FIRST_RESPONSE: ("response_s", "first_response_at"),
    Measure.MTTR: ("resolve_s", "resolved_at"),
}
AGREED: Mapping[Measure, tuple[str, str, bool]] = {
    measure: (clock, outcome, by_change)
    for clock, prefix in ((RESOLVE, "SLA"), (FIRST_RESPONSE, "RESPONSE"), (UPDATE, "UPDATE"))
    for measure, outcome, by_change in (
        (Measure[f"{prefix}_MET"], "met", False),
        (Measure[f"{prefix}_BREACHED"], "breached", False),
        (Measure[f"{prefix}_BY_CHANGE"], "breached", True),
    )
}


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows of a report: a measure in a period, narrowed to one value of a group and one age of the backlog."""

    measure: Measure = Measure.OPENED
    period: Period = ALL_TIME
    group: Group | None = None
    value: str = ""
    age: Age | None = None

    def of(self, **changes: Any) -> "Slice":
        """The same with other parts."""
        return replace(self, **changes)


def seen(actor: Actor) -> Q:
    """What lies in the queues that the reader sees."""
    hidden = rights_in_queues(actor).hidden
    return ~Q(team__in=sorted(hidden)) if hidden else Q()


def counted(measure: Measure, period: Period) -> Q:
    """The condition of a measure in a period, whoever reads it."""
    found = _CONDITIONS[measure](period)
    if measure in DATED_BY:
        column = DATED_BY[measure][0]
        found &= period.holds(column) if period != ALL_TIME else Q()
    return found if measure == Measure.TOTAL else Q(merged_into=None) & found


def basis(actor: Actor) -> QuerySet[Incident]:
    """What a report of this reader may count at all. No order, no joins."""
    if permissions.staff(actor):  # of what they see the queues decide alone, and an index holds all that is asked
        return Incident.objects.filter(seen(actor)).order_by()
    return Incident.objects.none()


def rows(basis: QuerySet[Incident], asked: Slice) -> QuerySet[Incident]:
    """The incidents of a basis that a number of the report counts."""
    found = basis.filter(counted(asked.measure, asked.period))
    if asked.age is not None:
        found = found.filter(of_age(asked.age, asked.period.end))
    if asked.group is not None:
        found = found.filter(in_group(asked.group, asked.value))
    return found


GROUPED_BY = {
    Group.TEAM: "team__slug", Group.PRIORITY: "priority", Group.SERVICE: "service__slug", Group.STATE: "status",
    Group.CHANNEL: "channel", Group.ASSIGNED: "assigned_to__username",
}  # fmt: skip


def in_group(group: Group, value: str) -> Q:
    """That it belongs to one value of a group, as the filter grammar writes that value."""
    if group == Group.PRIORITY:
        return Q(priority=int(value)) if value in "12345" and len(value) == 1 else Q(pk__in=())
    if value == NONE and group in {Group.SERVICE, Group.ASSIGNED}:
        return Q(**{GROUPED_BY[group].partition("__")[0]: None})
    return Q(**{GROUPED_BY[group]: value})


def ages_of(age: Age, at: datetime) -> Period:
    """When what has this age at an instant was opened."""
    least, _dash, most = age.value.partition("-")
    return Period(at - timedelta(days=int(most)) if most else None, at - timedelta(days=int(least)))


def of_age(age: Age, at: datetime) -> Q:
    """Opened so long before an instant."""
    return ages_of(age, at).holds("opened_at")


def _everything(period: Period) -> Q:
    """Said in words: an empty condition is lost where a filter says "this or that"."""
    return Q(opened_at__isnull=False)


def _over(period: Period) -> Q:
    """Their resolution stands."""
    return Q(status__in=OVER)


def _backlog(period: Period) -> Q:
    """Open right before the end of the period, by its history."""
    at = period.end
    return Q(pk__in=OpenSpan.objects.filter(begun_at__lt=at, ended_at__gte=at).values("incident"))


def _clocks(name: str) -> QuerySet[Clock]:
    return Clock.objects.filter(record_kind=Incident.kind, name=name)


def _agreed(measure: Measure) -> Callable[[Period], Q]:
    """A cycle of the clock stopped in the period with this outcome."""
    clock, outcome, by_change = AGREED[measure]

    def condition(period: Period) -> Q:
        stopped = _clocks(clock).filter(period.holds("outcome_at"), outcome=outcome, by_change=by_change)
        return Q(pk__in=stopped.values("record_id"))

    return condition


def worked(period: Period) -> QuerySet[TimeWorked]:
    """What people noted of their time on days of the period.

    A day is dated by its noon in UTC, which lies within that day wherever clocks differ by less than half a day:
    periods come as instants, without the zone that they were asked in.
    """
    noon = Func(
        F("day"), template="((%(expressions)s + time '12:00') AT TIME ZONE 'UTC')", output_field=DateTimeField()
    )
    noted = TimeWorked.objects.filter(record_kind=Incident.kind).alias(noon=noon)
    return noted.filter(period.holds("noon")).order_by()


def _time_worked(period: Period) -> Q:
    """Somebody worked on it in the period, whenever it was opened."""
    return Q(pk__in=worked(period).values("record_id"))


def _caused_by_change(period: Period) -> Q:
    """Somebody linked the change that caused it, or where it was imported from names one."""
    linked = Link.objects.filter(from_kind="change", to_kind=Incident.kind, meaning=Link.Meaning.CAUSED).values("to_id")
    told = Imported.objects.exclude(caused_by="").values("incident")
    return Q(pk__in=linked.order_by().union(told.order_by()))


_CONDITIONS: Mapping[Measure, Callable[[Period], Q]] = {
    Measure.TOTAL: _everything,
    Measure.OPENED: _everything,
    Measure.RESOLVED: _over,
    Measure.BACKLOG: _backlog,
    Measure.MTTA: lambda period: Q(acknowledge_s__isnull=False) & period.holds("acknowledged_at"),
    Measure.FIRST_RESPONSE: lambda period: Q(response_s__isnull=False) & period.holds("first_response_at"),
    Measure.MTTR: lambda period: _over(period) & Q(resolve_s__isnull=False),
    Measure.FCR: lambda period: _over(period) & Q(first_contact=True),
    Measure.REOPENED: lambda period: Q(reopened__gt=0),
    Measure.REASSIGNED: lambda period: Q(reassigned__gt=0),
    Measure.ESCALATED: lambda period: Q(escalated_functionally__gt=0) | Q(escalated_hierarchically__gt=0),
    Measure.CAUSED_BY_CHANGE: _caused_by_change,
    Measure.TIME_WORKED: _time_worked,
    **{measure: _agreed(measure) for measure in AGREED},
}
