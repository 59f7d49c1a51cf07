"""What each measure counts: one definition for the number, for the rows behind it and for the picture.

Periods are [from, to). An incident that was merged is counted with its survivor, so in no measure but the total.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from incidents.imports.models import Imported
from incidents.incident.models import Incident
from incidents.incident.queries import listed
from incidents.incident.workflow import Status
from incidents.reports.vocabulary import Age, Group, Measure
from itsm.kernel.actors import Actor
from itsm.work.models import Link

Rows = QuerySet[Incident]


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until); None: no bound. Zones are settled by who asks."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, column: str) -> Q:
        """That a time lies in it."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{column}__gte": self.since})
        if self.until is not None:
            found &= Q(**{f"{column}__lt": self.until})
        return found

    @property
    def end(self) -> datetime:
        """The instant at which a backlog is looked at: the period's end, where that is not ahead."""
        now = timezone.now()
        return now if self.until is None else min(self.until, now)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows of a report: a measure in a period, narrowed to one value of a group and one age of the backlog."""

    measure: str = Measure.OPENED
    period: Period = Period()
    group: str = ""
    value: str = ""
    age: str = ""

    def of(self, **changes: Any) -> "Slice":
        """The same with other parts."""
        return replace(self, **changes)


def unmerged(actor: Actor) -> Rows:
    """What the reader may see, without what was merged into another."""
    return listed(actor).filter(merged_into=None)


def rows(actor: Actor, asked: Slice) -> Rows:
    """The incidents that a number of the report counts, as the reader may see them now."""
    found = _MEASURES[Measure(asked.measure)](unmerged(actor), asked.period)
    if asked.age:
        found = found.filter(of_age(Age(asked.age), asked.period.end))
    if asked.group:
        found = found.filter(_in_group(Group(asked.group), asked.value))
    return found


def _in_group(group: Group, value: str) -> Q:
    """`value`: the slug or the number; empty: none."""
    if group == Group.PRIORITY:
        return Q(priority=int(value)) if value.isdigit() and len(value) == 1 else Q(pk=None)
    return Q(**{f"{group}__slug": value}) if value else Q(**{group: None})


def of_age(age: Age, at: datetime) -> Q:
    """Opened so long before an instant."""
    least, _dash, most = age.value.partition("-")
    found = Q(opened_at__lte=at - timedelta(days=int(least)))
    return found & Q(opened_at__gt=at - timedelta(days=int(most))) if most else found


def opened(found: Rows, period: Period) -> Rows:
    """Those that were opened in the period."""
    return found.filter(period.holds("opened_at"))


def resolved(found: Rows, period: Period) -> Rows:
    """Those whose resolution stands, by when that was. Imported ones that do not say when: by when they were closed."""
    over = found.filter(status__in=(Status.RESOLVED, Status.CLOSED))
    return over.annotate(over_at=Coalesce("resolved_at", "closed_at")).filter(period.holds("over_at"))


def backlog(found: Rows, period: Period) -> Rows:
    """Opened by the period's end, and neither resolved nor cancelled by then, as far as the record tells."""
    at = period.end
    there = found.filter(opened_at__lt=at).exclude(status=Status.CANCELLED)
    still_open = Q(status__in=(Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD))
    return there.annotate(over_at=Coalesce("resolved_at", "closed_at")).filter(still_open | Q(over_at__gte=at))


def reopened(found: Rows, period: Period) -> Rows:
    """Opened in the period, and reopened at least once since."""
    return opened(found, period).filter(reopened__gt=0)


def reassigned(found: Rows, period: Period) -> Rows:
    """Opened in the period, and moved to another team or person at least once since."""
    return opened(found, period).filter(reassigned__gt=0)


def escalated(found: Rows, period: Period) -> Rows:
    """To specialists or to leads."""
    return opened(found, period).filter(Q(escalated_functionally__gt=0) | Q(escalated_hierarchically__gt=0))


def caused_by_change(found: Rows, period: Period) -> Rows:
    """Those that somebody linked to the change that caused them, and imported ones that name one."""
    linked = Link.objects.filter(from_kind="change", to_kind=Incident.kind, meaning=Link.Meaning.CAUSED).values("to_id")
    told = Imported.objects.exclude(caused_by="").values("incident")
    return opened(found, period).filter(Q(pk__in=linked) | Q(pk__in=told))


def _sla(met: bool) -> Callable[[Rows, Period], Rows]:
    """Resolved in the period, by what the desk that they came from says of its agreement."""

    def counted(found: Rows, period: Period) -> Rows:
        return resolved(found, period).filter(imported__met_sla=met)

    return counted


_MEASURES: dict[Measure, Callable[[Rows, Period], Rows]] = {
    Measure.OPENED: opened,
    Measure.RESOLVED: resolved,
    Measure.BACKLOG: backlog,
    Measure.REOPENED: reopened,
    Measure.REASSIGNED: reassigned,
    Measure.ESCALATED: escalated,
    Measure.CAUSED_BY_CHANGE: caused_by_change,
    Measure.SLA_MET: _sla(True),
    Measure.SLA_BREACHED: _sla(False),
}
