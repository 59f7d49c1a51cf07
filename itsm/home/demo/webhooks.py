"""A status board that Larkspur told of resolved incidents, until it was replaced: an endpoint with its log, which sends
nothing any more.
"""

from datetime import datetime, timedelta
from typing import Any

from incidents.incident.queries import listed
from itsm import lifecycle
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.lifecycle import RecordEvent
from itsm.notifications.lanes import Lane
from itsm.notifications.models import Attempt, Delivery
from itsm.webhooks import events
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint
from itsm.webhooks.pictures import kind_of

_SHOWN = 12
_BUSY, _GONE, _TAKEN = "503 (2041 ms) come back later", "410 (96 ms) this board was replaced", "204 (88 ms)"


def tell(company: Company, at: datetime) -> int:
    """The log of the last resolved incidents. How many messages.

    Rows are written as they would have come to be: nothing is asked of a resolver while a company is founded.
    """
    board = WebhookEndpoint.objects.create(
        name="Status board", url="https://board.larkspur.example/hooks/headroom", events=["incident.*"],
        owner=company.people["admin"], off_at=at, last_ok_at=at - timedelta(hours=3),
        off_because=f"The receiver said that it is gone: {_GONE}",
    )  # fmt: skip
    lifecycle.created(board, actor=company.actors["admin"], changes={"url": [None, board.url]})
    open_to_all = listed(FOUNDER).filter(team__confidential=False, resolved_at__gt=at - timedelta(days=29))
    found = list(open_to_all.order_by("-resolved_at")[:_SHOWN])[::-1]
    for place, incident in enumerate(found, start=1):
        _sent(board, incident, last=place == len(found), busy=place % 5 == 2)
    return len(found)


def _sent(board: WebhookEndpoint, incident: Any, *, last: bool, busy: bool) -> None:
    resolved_at: datetime = incident.resolved_at
    pictured = kind_of("incident")
    if pictured is None:
        return
    event = events.message(RecordEvent(incident, "incident.resolved", FOUNDER, at=resolved_at), pictured)
    event.save(force_insert=True)
    key = f"webhook-{board.pk}-{event.key}"
    sent = WebhookDelivery.objects.create(endpoint=board, event=event, key=key)
    WebhookDelivery.objects.filter(pk=sent.pk).update(created_at=resolved_at)
    answers = [_BUSY, _TAKEN] if busy else [_GONE if last else _TAKEN]
    ended = resolved_at + timedelta(seconds=5 * len(answers))
    owed = Delivery.objects.create(
        channel=events.CHANNEL, lane=Lane.WEBHOOK, key=key, aggregate=events.aggregate_of(board.pk, event),
        payload={"delivery": sent.pk}, attempts=len(answers), due_at=resolved_at,
        delivered_at=None if last else ended, dead_at=ended if last else None, last_error=_GONE if last else "",
    )  # fmt: skip
    for number, said in enumerate(answers, start=1):
        begun = resolved_at + timedelta(seconds=5 * number - 4)
        Attempt.objects.create(
            delivery=owed, number=number, begun_at=begun, ended_at=begun + timedelta(milliseconds=90),
            ok=said == _TAKEN, said=said,
        )  # fmt: skip
