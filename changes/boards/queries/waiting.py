"""What people read of changes that wait for their word: why people are needed and what would make it automatic."""

from collections.abc import Mapping, Sequence

from changes.change.models import Change
from changes.change.queries.list_rows import list_rows
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.waiting import Told
from itsm.kernel.actors import Actor


def tell(asks: Sequence[ApprovalRequest], actor: Actor) -> Mapping[int, Told]:
    """By the ask's number, its change as a row of a list (`record`). Three queries."""
    seen = Change.objects.visible_to(actor).select_related("service", "requested_by")
    changes = seen.in_bulk([ask.record_id for ask in asks])
    rows = {row.change.pk: row for row in list_rows(list(changes.values()))}
    return {
        ask.pk: Told(row.change.reference, row.change.summary, row.change.get_absolute_url(), row.reason, record=row)
        for ask in asks
        if (row := rows.get(ask.record_id)) is not None
    }
