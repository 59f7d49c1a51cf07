"""Reading the calendars of others: their events become proposals, and a person takes each in, or dismisses it."""

import hashlib
import logging
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, ngettext

from changes.calendar.operations import occurring, windows
from changes.calendar.permissions import calendar_keepers
from changes.feeds.models import ProposedEvent, SubscribedCalendar
from itsm import lifecycle
from itsm.calendars.adapters import MAX_TEXT, read_in_child
from itsm.clocks.hours_format import zones
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, fetch

logger = logging.getLogger("headroom.owed")
READER = Actor.system("calendars of others")
MOST_REFUSED = 100
_PROGRAM = "changes.feeds.formats.events"
_WHY = {
    "too_many": gettext_lazy("There are more than 1000 events; the rest was not read."),
    "odd": gettext_lazy("Something in it cannot be read."),
    "cancelled": gettext_lazy("It is cancelled."),
    "exceptions": gettext_lazy(
        "It names single times beside its rule (RDATE, EXDATE, RECURRENCE-ID); enter it by hand."
    ),
    "no_start": gettext_lazy("It does not say when it starts."),
    "no_end": gettext_lazy("It does not say when it ends."),
    "no_uid": gettext_lazy("It has no UID, by which it would be known again."),
    "no_zone": gettext_lazy("Its time zone is not known."),
    "own_zone": gettext_lazy("It brings a time zone of its own."),
    "no_event": gettext_lazy("It is no event; only events are read."),
    "empty": gettext_lazy("There is no event in it."),
    "twice": gettext_lazy("Its UID is another event's too."),
}


class Read(NamedTuple):
    """One event, as our calendar would have it."""

    uid_hash: str
    name: str
    starts_at: datetime
    ends_at: datetime
    rrule: str
    zone: str


def subscribe(*, actor: Actor, name: str, zone: str, at: datetime, url: str = "", text: str = "") -> SubscribedCalendar:
    """Keep a calendar of somebody else, by its address or as the text of a file, and read it at once.

    Raises NotPermitted and InvalidInput: also where an address cannot be read now, so that nothing useless is kept.
    """
    _require_keeper(actor)
    if zone not in zones():
        raise InvalidInput.about("zone", gettext("There is no time zone %(zone)s.") % {"zone": zone[:64]})
    if bool(url) == bool(text):
        raise InvalidInput.about("url", gettext("Give an address, or a file."))
    read = _events_of(text or _fetched(url), zone, at)
    with transaction.atomic():
        calendar = SubscribedCalendar.objects.create(
            name=name, url=url, zone=zone, created_by_id=actor.id, created_at=at
        )
        lifecycle.created(calendar, actor=actor, changes={"name": [None, name]})
        _keep(calendar, read, at)
    return calendar


def read_again(calendar: SubscribedCalendar, *, actor: Actor, at: datetime) -> SubscribedCalendar:
    """Ask its address now. What cannot be read changes nothing but what is said of it.

    Raises NotPermitted and WrongState (a file that was uploaded, or one that is ended).
    """
    if not (actor.is_system or calendar_keepers(actor)):
        raise NotPermitted(gettext("Change managers keep the calendar."))
    if not calendar.url or calendar.ended_at is not None:
        raise WrongState(gettext("There is no address to ask; upload the file anew."))
    try:
        read = _events_of(_fetched(calendar.url), calendar.zone, at)
    except InvalidInput as refused:
        with lifecycle.edit(calendar, actor=actor, version=None, event="unreadable", version_required=False) as current:
            current.trouble, current.read_at = str(refused.detail)[:300], at
        return current
    with transaction.atomic():
        if lifecycle.locked(calendar).ended_at is None:  # else somebody ended it while its address was asked
            _keep(calendar, read, at)
            lifecycle.announce(calendar, "read", actor=actor)
    return SubscribedCalendar.objects.get(pk=calendar.pk)


def end_subscription(
    calendar: SubscribedCalendar, *, actor: Actor, version: int | None, at: datetime
) -> SubscribedCalendar:
    """It is asked no more. What was taken in stays. Raises NotPermitted and StaleVersion."""
    _require_keeper(actor)
    with lifecycle.edit(calendar, actor=actor, version=version, event="ended") as current:
        current.ended_at = current.ended_at or at
    return current


@transaction.atomic
def take_in(
    event: ProposedEvent, *, actor: Actor, version: int | None, at: datetime, window_type: str, **scope: Any
) -> ProposedEvent:
    """Enter it in our calendar as a window of this kind, with `scope` as `add_window` knows it.

    Raises NotPermitted, StaleVersion, WrongState (taken in already) and InvalidInput, as entering one does.
    """
    _require_keeper(actor)
    with lifecycle.edit(event, actor=actor, version=version, event="taken_in") as current:
        if current.status == ProposedEvent.Status.TAKEN:
            raise WrongState(gettext("It is in the calendar already."), state=current.status)
        words = {"calendar": current.calendar.name}
        current.window = windows.add_window(
            actor=actor, window_type=window_type, name=current.name, starts_at=current.starts_at,
            ends_at=current.ends_at, rrule=current.rrule, zone=current.zone if current.rrule else "",
            reason=gettext("From the calendar “%(calendar)s”.") % words, at=at, **scope,
        )  # fmt: skip
        current.status, current.moved = ProposedEvent.Status.TAKEN, False
    return current


def dismiss(event: ProposedEvent, *, actor: Actor, version: int | None) -> ProposedEvent:
    """It is none of ours. Raises NotPermitted, StaleVersion and WrongState (it was taken in)."""
    _require_keeper(actor)
    with lifecycle.edit(event, actor=actor, version=version, event="dismissed") as current:
        if current.status == ProposedEvent.Status.TAKEN:
            raise WrongState(gettext("It is in the calendar already; lift it there."), state=current.status)
        current.status, current.moved = ProposedEvent.Status.DISMISSED, False
    return current


def read_all(at: datetime) -> int:
    """Ask every address, one after the other. Safe to run twice. Returns how many calendars."""
    read = 0
    for one in SubscribedCalendar.objects.filter(ended_at=None).exclude(url="").order_by("pk"):
        try:  # no transaction around it: it waits for somebody else's server
            read_again(one, actor=READER, at=at)
            read += 1
        except Exception:
            logger.exception("calendar %s was not read, those after it are", one.pk)
    return read


def _require_keeper(actor: Actor) -> None:
    if not calendar_keepers(actor) or actor.id is None:
        raise NotPermitted(gettext("Change managers keep the calendar."))


def _fetched(url: str) -> str:
    try:
        answer = fetch("GET", url, headers={"Accept": "text/calendar"}, cut_at=4 * MAX_TEXT)
    except (OutgoingFailed, OutgoingRefused) as error:
        raise InvalidInput.about("url", str(error)) from error
    if answer.status != 200:
        raise InvalidInput.about("url", gettext("The server answered %(status)d.") % {"status": answer.status})
    return answer.body.decode("utf-8", "replace")


def _events_of(text: str, zone: str, at: datetime) -> tuple[list[Read], list[dict[str, str]]]:
    """What can be taken in, and what cannot with the reason of each."""
    found = read_in_child(_PROGRAM, text)
    refused = [{"name": one["name"], "why": str(_WHY[one["why"]])} for one in found["refused"]]
    read: dict[str, Read] = {}
    over = 0
    for one in found["events"]:
        try:
            event = _as_ours(one, zone, at)
        except InvalidInput as why:
            refused.append({"name": one["name"], "why": _sentence(why)})
            continue
        if event.uid_hash in read:
            refused.append({"name": one["name"], "why": str(_WHY["twice"])})
        elif event.ends_at > at or event.rrule:
            read[event.uid_hash] = event
        else:
            over += 1
    if over:
        refused.insert(0, {"name": ngettext("%d event", "%d events", over) % over, "why": gettext("Over already.")})
    return list(read.values()), refused[:MOST_REFUSED]


def _sentence(why: InvalidInput) -> str:
    said = [str(one) for errors in (why.errors or {}).values() for one in errors]
    return " ".join(said) or str(why.detail)


def _as_ours(one: dict[str, str], zone: str, at: datetime) -> Read:
    """InvalidInput where our calendar would not have it."""
    named = one["zone"] or zone
    if named not in zones():
        raise InvalidInput.about("zone", gettext("There is no time zone %(zone)s.") % {"zone": named[:64]})
    starts_at, ends_at = _instant(one["starts"], named), _instant(one["ends"], named)
    rrule = one["rrule"]
    if rrule or ends_at > at:
        occurring.times_of(rrule, named if rrule else "", starts_at, ends_at, at)
    elif ends_at <= starts_at:
        raise InvalidInput.about("ends_at", gettext("It ends before it starts."))
    uid_hash = hashlib.sha256(one["uid"].encode()).hexdigest()
    return Read(uid_hash, one["name"], starts_at, ends_at, rrule, named if rrule else "")


def _instant(text: str, zone: str) -> datetime:
    at = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), time.min)
    try:
        return at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput.about("starts_at", gettext("It lies too far away.")) from error


def _keep(calendar: SubscribedCalendar, found: tuple[list[Read], list[dict[str, str]]], at: datetime) -> None:
    """New ones are proposed; one that changed since somebody answered is proposed again; one that is gone goes,
    unless it was taken in."""
    read, refused = found
    current = lifecycle.locked(calendar)
    events = ProposedEvent.objects.select_for_update(no_key=True).filter(calendar=current)
    known = {one.uid_hash: one for one in events}  # whoever takes one in just now comes first, or after
    for event in read:
        before = known.pop(event.uid_hash, None)
        if before is None:
            ProposedEvent.objects.create(calendar=current, **event._asdict())
        elif _differs(before, event):
            _move(before, event)
    gone = [one.pk for one in known.values() if one.status != ProposedEvent.Status.TAKEN]
    ProposedEvent.objects.filter(pk__in=gone).delete()
    current.read_at, current.trouble, current.refused = at, "", refused
    current.save(update_fields=["read_at", "trouble", "refused"])


_TIMES = ("starts_at", "ends_at", "rrule", "zone")


def _differs(before: ProposedEvent, event: Read) -> bool:
    return any(getattr(before, name) != getattr(event, name) for name in (*_TIMES, "name"))


def _move(before: ProposedEvent, event: Read) -> None:
    before.moved = before.moved or before.status != ProposedEvent.Status.PROPOSED
    if before.status == ProposedEvent.Status.DISMISSED:
        before.status = ProposedEvent.Status.PROPOSED
    for name in (*_TIMES, "name"):
        setattr(before, name, getattr(event, name))
    before.version += 1
    before.save()
