"""A request is moved by its items: brought to where they want it, in the transaction that moved one of them."""

from collections.abc import Sequence
from datetime import datetime

from catalog.requests.models import Request, RequestItem
from catalog.requests.operations.telling import tell_askers
from catalog.requests.vocabulary import Outcome
from catalog.requests.workflow import DELIVERED, IN_WORK, ITEM_OPEN, ItemStatus, Status
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Joined, Words
from itsm.notifications.sayings import saying as _

ITEMS = Actor.system("its items")
_STEP_TO = {
    Status.FULFILLING: "begin", Status.DONE: "close", Status.DECLINED: "decline", Status.CANCELLED: "call_off",
}  # fmt: skip


def held(item: RequestItem) -> RequestItem:
    """The item as it stands now, with its request: both locked, the request first. Raises NotFound."""
    request = lifecycle.locked(item.request)
    current = lifecycle.locked(item)
    current.request = request
    return current


def status_of(statuses: Sequence[str], now: str) -> Status:
    """Where a request in `now` belongs by the states of its items. What was begun does not wait for approval again;
    what is over stays as it is until an item is taken up again. Pure."""
    if any(one in IN_WORK for one in statuses):
        return Status.FULFILLING
    if any(one in ITEM_OPEN for one in statuses):
        return Status.FULFILLING if now == Status.FULFILLING else Status.APPROVING
    if any(one in (*DELIVERED, ItemStatus.SKIPPED) for one in statuses):
        return Status.DONE
    return Status.DECLINED if ItemStatus.DECLINED in statuses else Status.CANCELLED


def outcome_of(statuses: Sequence[str]) -> Outcome:
    """What came of items that are all over. Pure."""
    if not any(one in DELIVERED for one in statuses):
        return Outcome.NONE
    return Outcome.COMPLETE if all(one == ItemStatus.DONE for one in statuses) else Outcome.PARTIAL


def follow_items(request: Request, *, at: datetime) -> Request:
    """Move a request (locked by the caller) to where its items want it; nothing where it stands there.

    Raises nothing.
    """
    items = list(RequestItem.objects.filter(request=request).order_by("position"))
    statuses = [one.status for one in items]
    wanted = status_of(statuses, request.status)
    if request.status == wanted:
        return request
    again = wanted == Status.FULFILLING and request.closed_at is not None
    action = "resume" if again else _STEP_TO[wanted]
    with lifecycle.step(request, action, actor=ITEMS, locked_by_caller=True) as current:
        if wanted == Status.FULFILLING:
            current.closed_at = current.confirmed_at = None
            current.outcome = ""
        else:
            current.closed_at, current.outcome = at, outcome_of(statuses).value
        current.approved_at = max((one.approved_at for one in items if one.approved_at), default=None)
    if wanted in (Status.DONE, Status.DECLINED):
        _say_it_is_over(current, wanted, items)
    return current


def _say_it_is_over(request: Request, status: Status, items: Sequence[RequestItem]) -> None:
    """The closing message: what came of each item, in plain words."""
    words = {"request": request.reference, "title": request.title}
    lines = Joined([Joined([_came_of(one), one.reason or one.delivered], " ") for one in items], "\n")
    if status == Status.DECLINED:
        subject = _("%(request)s was declined: %(title)s") % words
        tell_askers(request, ITEMS, "request.declined", subject, lines)
    else:
        subject = _("%(request)s is done: %(title)s") % words
        tell_askers(request, ITEMS, "request.closed", subject, lines)


def _came_of(item: RequestItem) -> Words:
    return _("%(name)s: %(status)s.") % {"name": item.name, "status": ItemStatus(item.status).label}
