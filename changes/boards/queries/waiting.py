"""What waits for one person's word about changes, with why people are needed and what would make it automatic."""

from dataclasses import dataclass
from datetime import datetime

from changes.change.models import Change
from changes.change.queries.list_rows import list_rows
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.approvals.queries import unanswered_first
from itsm.kernel.actors import Actor

_MOST = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """An ask with its change. `said`: what this person last said about it; `is_overdue`: its time is over, and nothing
    was approved by that.
    """

    ask: ApprovalRequest
    change: Change
    reason: str
    helps: str
    said: ApprovalDecision | None
    is_overdue: bool


def waiting(actor: Actor, at: datetime) -> list[Waiting]:
    """The first fifty, what they have not answered in front, the most pressing first. Five queries."""
    asks = unanswered_first(actor).filter(record_kind=Change.kind)
    found = list(asks.prefetch_related("answers__by", "answers__in_place_of")[:_MOST])
    changes = Change.objects.select_related("service", "requested_by").in_bulk([ask.record_id for ask in found])
    rows = {row.change.pk: row for row in list_rows(list(changes.values()))}
    return [
        Waiting(
            ask, rows[ask.record_id].change, rows[ask.record_id].reason, rows[ask.record_id].helps,
            _said(ask, actor), ask.due_at is not None and ask.due_at <= at,
        )
        for ask in found
        if ask.record_id in rows
    ]  # fmt: skip


def _said(ask: ApprovalRequest, actor: Actor) -> ApprovalDecision | None:
    mine = [answer for answer in ask.answers.all() if answer.by_id == actor.id]
    return max(mine, key=lambda answer: answer.pk, default=None)
