"""Changes as marks on a burn-down."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from changes.change.models import Change
from slo.objectives.queries.objective_page.chart import Mark

if TYPE_CHECKING:
    from slo.models import Objective

_MAX_ROWS = 40


def deployed(objective: "Objective", since: datetime) -> Iterable[Mark]:
    """Changes of the objective's service and environment that began since then, the newest ones."""
    rows = Change.objects.filter(
        service=objective.service_id, environment=objective.environment, started_at__gte=since
    ).only("pk", "summary", "started_at")
    for change in rows.order_by("-id")[:_MAX_ROWS]:
        if change.started_at:
            yield Mark(change.started_at, "change", f"{change.reference} {change.summary}", change.get_absolute_url())
