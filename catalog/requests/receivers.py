"""What follows from what happened to requests: whom it was for is asked how it was handled."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from catalog.requests.models import Request, RequestItem
from catalog.requests.workflow import DELIVERED
from itsm.lifecycle import RecordEvent, record_changed
from itsm.satisfaction import operations as satisfaction

_CLOSED = "request.closed"


def ask_whom_it_was_for(sender: type[Request], news: RecordEvent, **_sent: Any) -> None:
    """Within the transaction that closed it: about the team that delivered, and who did where that was one person."""
    request = news.record
    if not closed([news]):
        return
    done = list(RequestItem.objects.filter(request=request, status__in=DELIVERED).order_by("position"))
    people = {one.assigned_to_id for one in done}
    if done and request.requested_for_id not in people:
        satisfaction.ask(
            request, team_id=done[0].team_id, agent_id=people.pop() if len(people) == 1 else None,
            at=request.closed_at or timezone.now(),
        )  # fmt: skip


def closed(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those with which a request was closed."""
    return [one for one in news if one.event == _CLOSED]


def whose(request_id: int) -> int | None:
    """The account that it was for."""
    return Request.objects.filter(pk=request_id).values_list("requested_for_id", flat=True).first()


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(ask_whom_it_was_for, sender=Request, dispatch_uid="requests: satisfaction", acts_on=closed)
