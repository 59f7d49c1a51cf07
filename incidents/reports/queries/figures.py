"""The report of incidents over REST: numbers of incidents that were opened in a period."""

from collections import Counter
from typing import Any

from django.db.models import Count, Q

from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import Status
from incidents.reports.queries.measures import ROW, basis, counted
from incidents.reports.queries.numbers import numbers
from incidents.reports.queries.periods import ALL_TIME, Period
from incidents.reports.vocabulary import Measure
from itsm.kernel.actors import Actor

_OPENED = (Measure.TOTAL, Measure.OPENED, Measure.REOPENED, Measure.REASSIGNED, Measure.ESCALATED)
_NAMED = (Measure.REOPENED, Measure.REASSIGNED, Measure.ESCALATED, Measure.CAUSED_BY_CHANGE)
_REST = (Measure.CAUSED_BY_CHANGE, Measure.SLA_MET, Measure.SLA_BREACHED)


def figures(actor: Actor, period: Period) -> dict[str, Any]:
    """All measures of a period as the reader may see them, what was opened in one pass over it. Merged incidents are in
    `total` and `by_state` only."""
    seen = basis(actor)
    asked = {one.value: Count(ROW, filter=counted(one, ALL_TIME)) for one in _OPENED}
    within = seen.filter(Q() if period == ALL_TIME else period.holds("opened_at"))
    sums: Counter[Any] = Counter()
    lines: Any = within.values("status", "priority").annotate(**asked)
    for line in lines:
        sums.update({one: line[one.value] for one in _OPENED})
        sums[f"state {line['status']}"] += line[Measure.TOTAL.value]
        sums[f"priority {line['priority']}"] += line[Measure.OPENED.value]
    for (measure, _all), number in numbers(seen, _REST, period).items():
        sums[measure] = number.number
    return {
        "total": sums[Measure.TOTAL],
        "by_priority": {str(one): sums[f"priority {one}"] for one in Priority.values},
        "by_state": {one: sums[f"state {one}"] for one in Status.values},
        **{one.value: sums[one] for one in _NAMED},
        "sla": {"met": sums[Measure.SLA_MET], "breached": sums[Measure.SLA_BREACHED]},
    }
