"""The steps of people on an item: asking, going on, fulfilling, leaving out, cancelling, taking up again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.requests.models import Request, RequestItem
from catalog.requests.operations import planning
from catalog.requests.operations.clocks import follow_clock
from catalog.requests.operations.following import follow_items, held
from catalog.requests.operations.telling import tell_askers, tell_desk
from catalog.requests.vocabulary import REOPENS_WITHIN
from catalog.requests.workflow import ITEM, ITEM_OPEN, REQUEST, ItemStatus
from itsm import lifecycle
from itsm.approvals import plans
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.notifications.sayings import saying as _
from itsm.work.operations import add_note


@ITEM.takes("wait")
@transaction.atomic
def wait(item: RequestItem, *, actor: Actor, question: str, at: datetime | None = None) -> RequestItem:
    """Ask the requester; until they answer its clock stands still. Raises WrongState, NotPermitted,
    MissingInformation."""
    now = at or timezone.now()
    current = held(item)
    with lifecycle.step(current, "wait", actor=actor, locked_by_caller=True) as current:
        current.question, current.since = question, now
    follow_clock(current, at=now)
    request = current.request
    request.desk_spoke_at = now
    request.save(update_fields=["desk_spoke_at"])  # nobody's edit goes stale by a word
    said = add_note(request, actor=actor, text=question, private=False, at=now)
    words = {"request": request.reference, "name": current.name}
    subject = _("%(request)s waits for you: %(name)s") % words
    tell_askers(request, actor, "request.answered", subject, question, note=said)
    return current


@ITEM.takes("go_on")
@transaction.atomic
def go_on(item: RequestItem, *, actor: Actor, at: datetime | None = None) -> RequestItem:
    """What was waited for is there. Raises WrongState and NotPermitted."""
    now = at or timezone.now()
    current = held(item)
    with lifecycle.step(current, "go_on", actor=actor, locked_by_caller=True) as current:
        current.question, current.since = "", now
    follow_clock(current, at=now)
    planning.carry_on(current, actor=actor, at=now)
    follow_items(current.request, at=now)
    return current


@ITEM.takes("fulfil")
@transaction.atomic
def fulfil(item: RequestItem, *, actor: Actor, delivered: str = "", at: datetime | None = None) -> RequestItem:
    """It is there. Raises WrongState, NotPermitted, MissingInformation while a task is open or was not done."""
    now = at or timezone.now()
    current = held(item)
    planning.fill_in_tasks(current)
    done = planning.end(current, "fulfil", actor=actor, at=now, delivered=delivered)
    follow_items(done.request, at=now)
    return done


@ITEM.takes("fulfil_in_part")
@transaction.atomic
def fulfil_in_part(item: RequestItem, *, actor: Actor, reason: str, at: datetime | None = None) -> RequestItem:
    """Some of it is there, and that is all for now. Raises WrongState, NotPermitted, MissingInformation."""
    now = at or timezone.now()
    done = planning.end(
        held(item), "fulfil_in_part", actor=actor, at=now, remark=reason, reason=reason, question=""
    )  # fmt: skip
    follow_items(done.request, at=now)
    return done


@ITEM.takes("skip")
@transaction.atomic
def skip(item: RequestItem, *, actor: Actor, reason: str, at: datetime | None = None) -> RequestItem:
    """It is left out. What was asked about it is withdrawn. Raises WrongState, NotPermitted, MissingInformation."""
    now = at or timezone.now()
    current = held(item)
    done = planning.end(current, "skip", actor=actor, at=now, remark=reason, reason=reason, question="")
    plans.withdraw_plan(done, now, gettext("left out"))
    follow_items(done.request, at=now)
    return done


@ITEM.takes("cancel")
@transaction.atomic
def cancel_item(item: RequestItem, *, actor: Actor, reason: str = "", at: datetime | None = None) -> RequestItem:
    """Whose it is needs it no more. Raises NotPermitted, WrongState, Conflict once a task of it began."""
    now = at or timezone.now()
    current = held(item)
    ITEM.begin("cancel", actor, current)
    _require_nothing_began(current)
    done = _called_off(current, actor, reason, now)
    follow_items(done.request, at=now)
    return done


@REQUEST.takes("cancel")
@transaction.atomic
def cancel(request: Request, *, actor: Actor, reason: str = "", at: datetime | None = None) -> Request:
    """Whose it is needs none of it any more: what is open is cancelled. Where some of it is there already, the request
    is done in part.

    Raises NotPermitted, WrongState, Conflict once a task of an open item began.
    """
    now = at or timezone.now()
    current = lifecycle.locked(request)
    REQUEST.begin("cancel", actor, current)
    items = list(RequestItem.objects.select_for_update(of=("self",), no_key=True).filter(request=current))
    for item in items:
        item.request = current
    still_open = [one for one in items if one.status in ITEM_OPEN]
    for item in still_open:
        _require_nothing_began(item)
    for item in still_open:
        _called_off(item, actor, reason, now)
    if any(one.status not in (ItemStatus.CANCELLED, ItemStatus.DECLINED) for one in items):
        return follow_items(current, at=now)
    with lifecycle.step(current, "cancel", actor=actor, remark=reason, locked_by_caller=True) as current:
        current.reason, current.closed_at, current.outcome = reason, now, "none"
    return current


def _called_off(item: RequestItem, actor: Actor, reason: str, now: datetime) -> RequestItem:
    done = planning.end(item, "cancel", actor=actor, at=now, remark=reason, reason=reason, question="")
    plans.withdraw_plan(done, now, gettext("cancelled"))
    words = {"item": done.reference, "name": done.name}
    if done.approved_at is not None:
        subject = _("%(item)s was cancelled: %(name)s") % words
        tell_desk(done.request, [done], actor, "request.asker_answered", subject, reason)
    return done


def _require_nothing_began(item: RequestItem) -> None:
    if item.began_at is not None:
        raise Conflict(
            gettext("Work on “%(name)s” began already: write to the desk, who may still stop it.") % {"name": item.name}
        )


@ITEM.takes("reopen")
@transaction.atomic
def reopen(item: RequestItem, *, actor: Actor, reason: str, at: datetime | None = None) -> RequestItem:
    """Something is missing, or does not work: it is taken up again.

    Raises NotPermitted, WrongState, MissingInformation, and Conflict where it was delivered long ago.
    """
    now = at or timezone.now()
    current = held(item)
    ITEM.begin("reopen", actor, current)
    if current.ended_at is None or now - current.ended_at > REOPENS_WITHIN:
        words = {"name": current.name, "days": REOPENS_WITHIN.days}
        raise Conflict(gettext("“%(name)s” was delivered more than %(days)s days ago: ask for it anew.") % words)
    with lifecycle.step(current, "reopen", actor=actor, remark=reason, locked_by_caller=True) as current:
        current.reason, current.reopened_at, current.since, current.ended_at = reason, now, now, None
    follow_clock(current, at=now)
    request = follow_items(current.request, at=now)
    words = {"item": current.reference, "name": current.name}
    subject = _("%(item)s: something is missing: %(name)s") % words
    tell_desk(request, [current], actor, "request.reopened", subject, reason)
    return current


@REQUEST.takes("confirm")
@transaction.atomic
def confirm(request: Request, *, actor: Actor, at: datetime | None = None) -> Request:
    """Whose it is says that it works. Raises NotPermitted, WrongState, Conflict where they said so already."""
    with lifecycle.step(request, "confirm", actor=actor) as current:
        if current.confirmed_at is not None:
            raise Conflict(gettext("It was confirmed already."))
        current.confirmed_at = at or timezone.now()
    return current
