"""The report of incidents over REST: numbers of incidents that were opened in a period."""

from typing import Any

from django.db.models import Count

from incidents.incident.queries import listed
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import Status
from incidents.reports.queries.measures import Period, Slice, opened, rows, unmerged
from incidents.reports.vocabulary import Measure
from itsm.kernel.actors import Actor


def figures(actor: Actor, period: Period) -> dict[str, Any]:
    """All measures of a period as the reader may see them. Merged incidents are in `total` and `by_state` only."""
    by_state = _counts(opened(listed(actor), period), "status")
    by_priority = _counts(opened(unmerged(actor), period), "priority")

    def number(measure: Measure) -> int:
        return rows(actor, Slice(measure, period)).order_by().count()

    return {
        "total": sum(by_state.values()),
        "by_priority": {str(one): by_priority.get(one, 0) for one in Priority.values},
        "by_state": {one: by_state.get(one, 0) for one in Status.values},
        "reopened": number(Measure.REOPENED),
        "reassigned": number(Measure.REASSIGNED),
        "escalated": number(Measure.ESCALATED),
        "caused_by_change": number(Measure.CAUSED_BY_CHANGE),
        "sla": {"met": number(Measure.SLA_MET), "breached": number(Measure.SLA_BREACHED)},
    }


def _counts(found: Any, column: str) -> dict[Any, int]:
    return dict(found.order_by().values_list(column).annotate(number=Count("pk")))
