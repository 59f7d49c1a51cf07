"""What the desk shows of changes: what waits for me, what is mine, what is new."""

from dataclasses import dataclass

from django.db.models import Q

from changes.change.models import Change
from changes.change.queries.list_rows import ListRow, list_rows
from changes.change.workflow import OVER
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import unanswered_first
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """An ask with the change it is about, and why people decide."""

    ask: ApprovalRequest
    change: Change
    reason: str


def asks(actor: Actor, at_most: int) -> list[Waiting]:
    """What this person is asked to decide, what they have not answered in front, the most pressing first."""
    found = list(unanswered_first(actor).filter(record_kind=Change.kind)[:at_most])
    seen = Change.objects.visible_to(actor) if actor.looks_only else Change.objects.all()
    changes = seen.select_related("service").in_bulk([ask.record_id for ask in found])
    rows = {row.change.pk: row for row in list_rows(list(changes.values()))}
    known = [(ask, rows[ask.record_id]) for ask in found if ask.record_id in rows]
    return [Waiting(ask, row.change, row.reason) for ask, row in known]


def mine(actor: Actor, at_most: int) -> list[ListRow]:
    """What this person asked for or implements, with where it stands and what it waits for."""
    theirs = Q(requested_by=actor.whose_work) | Q(implementer=actor.whose_work)
    open_ones = Change.objects.visible_to(actor).filter(theirs).exclude(status__in=OVER)
    return list_rows(list(open_ones.select_related("service")[:at_most]))


def recent(actor: Actor, at_most: int) -> list[Change]:
    """The first changes that this actor may see, in the model's order."""
    return list(Change.objects.visible_to(actor).select_related("service")[:at_most])
