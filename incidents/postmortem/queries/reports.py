"""Actions that are overdue, by who owns them; postmortems that are."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from incidents.postmortem.models import Postmortem, PostmortemAction
from incidents.postmortem.queries.sight import actions_seen
from incidents.postmortem.workflow import WORKED_ON
from itsm.accounts.models import User
from itsm.accounts.queues import Asker
from itsm.composed import Composed, composed
from itsm.kernel.actors import Actor

_MOST_COUNTED = 100


class OwnerRow(NamedTuple):
    """`owner`: None for actions that nobody owns any more; `oldest_due_at`: of those that are overdue."""

    owner: User | None
    open: int
    overdue: int
    oldest_due_at: datetime | None


def by_owner(actor: Actor, at: datetime) -> list[OwnerRow]:
    """Who has how many open actions, who is latest first. One query."""
    held: dict[int | None, list[PostmortemAction]] = {}
    for action in actions_seen(actor).still_open():  # type: ignore[attr-defined]
        held.setdefault(action.owner_id, []).append(action)
    rows = [_row(actions, at) for actions in held.values()]
    return sorted(rows, key=lambda row: (-row.overdue, row.oldest_due_at or at, str(row.owner)))


def _row(actions: list[PostmortemAction], at: datetime) -> OwnerRow:
    late = [one.due_at for one in actions if one.is_overdue(at)]
    return OwnerRow(actions[0].owner, len(actions), len(late), min(late) if late else None)


def overdue(rows: QuerySet[Postmortem], at: datetime) -> QuerySet[Postmortem]:
    """Those whose day is over while they are neither published nor waived."""
    return rows.filter(status__in=WORKED_ON, published=0, due_at__lte=at)


def waiting_for(actor: Actor) -> Composed[Any]:
    """What waits for this person: postmortems in review that they did not write, no more than a hundred."""
    return _waiting_for(Asker.of(actor))


@composed
def _waiting_for(asker: Asker) -> QuerySet[Any, Any]:
    wanted = Q(status="review") & ~Q(writers__contains=[asker.who.person_id])
    return Postmortem.objects.visible_to(asker.actor).filter(wanted).order_by().values("pk")[:_MOST_COUNTED]
