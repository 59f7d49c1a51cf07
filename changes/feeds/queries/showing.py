"""What a feed shows: when something is busy, and its reference. Neither summary, plan, name nor reason leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from changes.boards.models import Meeting
from changes.boards.queries.asks import of_board
from changes.boards.vocabulary import MeetingStatus
from changes.calendar.models import CLOSING
from changes.calendar.queries.occurrences import Occurrence, occurrences_for
from changes.calendar.rules.bounds import within
from changes.change.models import Change
from changes.change.workflow import OVER
from changes.feeds.models import CalendarFeed
from itsm.accounts.actors import actor_for
from itsm.accounts.permissions import staff
from itsm.ics import Event, as_ics
from itsm.kernel.actors import Actor, Door

BACK, AHEAD = timedelta(days=30), timedelta(days=180)
MOST = 1_000


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return salted_hmac("changes: calendar feed", token, algorithm="sha256").hexdigest()


def feeds_of(actor: Actor) -> QuerySet[CalendarFeed]:
    """One's own, those that were taken back too."""
    return CalendarFeed.objects.filter(owner=actor.id or 0).select_related("service", "board", "owner")


def feed_opened_by(token: str) -> CalendarFeed | None:
    """The live feed of somebody who works here still; None for any other text."""
    found = CalendarFeed.objects.select_related("owner", "service", "board").filter(
        token_hash=hash_of(token[:200]), revoked_at=None, owner__is_active=True
    )
    feed = found.first()
    if feed is None or not staff(_reader(feed)):
        return None
    hidden = feed.service_id is not None and not visible_services(_reader(feed)).filter(pk=feed.service_id).exists()
    return None if hidden else feed


def text_of(feed: CalendarFeed, at: datetime) -> str:
    """The feed as ICS, as its owner may see it now: MOST things, from a month ago to half a year ahead."""
    begins, ends = at - BACK, at + AHEAD
    busy = [*_changes(feed, begins, ends), *_meetings(feed, begins, ends), *_closures(feed, begins, ends)]
    return as_ics(_name(feed), busy[:MOST], at, product="Change calendar", is_busy=True)


def _reader(feed: CalendarFeed) -> Actor:
    return actor_for(feed.owner, Door.API)


def _name(feed: CalendarFeed) -> str:
    about = feed.service.slug if feed.service else feed.board.slug if feed.board else feed.owner.username
    return gettext("Changes: %(about)s") % {"about": about}


def _changes(feed: CalendarFeed, begins: datetime, ends: datetime) -> Iterator[Event]:
    planned = Change.objects.visible_to(_reader(feed)).filter(window_start__lt=ends, window_end__gt=begins)
    planned = planned.exclude(status__in=OVER)
    if feed.service_id is not None:
        planned = planned.filter(service=feed.service_id)
    elif feed.board is not None:
        planned = planned.filter(pk__in=of_board(feed.board).values("record_id"))
    else:
        planned = planned.filter(Q(requested_by=feed.owner_id) | Q(author=feed.owner_id) | Q(implementer=feed.owner_id))
    for one in planned.only("pk", "window_start", "window_end").order_by("window_start", "pk")[:MOST]:
        if one.window is not None:
            starts_at, ends_at = one.window
            yield Event(f"{one.reference}@headroom", one.reference, within(starts_at), within(ends_at))


def _meetings(feed: CalendarFeed, begins: datetime, ends: datetime) -> Iterator[Event]:
    if feed.board is None:
        return
    planned = Meeting.objects.filter(board=feed.board, starts_at__gt=begins, starts_at__lt=ends)
    for one in planned.exclude(status=MeetingStatus.CANCELLED).order_by("starts_at")[:MOST]:
        yield Event(f"{one.reference}@headroom", one.reference, one.starts_at, one.ends_at)


def _closures(feed: CalendarFeed, begins: datetime, ends: datetime) -> Iterator[Event]:
    """Of a service: what closes it, by its kind alone; its name may tell of a customer or a deal."""
    if feed.service_id is None:
        return
    closed: list[Occurrence] = occurrences_for([feed.service_id], None, begins, ends, CLOSING)
    for one in closed:
        uid = f"window-{one.window_id}-{one.starts_at:%Y%m%dT%H%M%S}@headroom"
        yield Event(uid, f"{one.kind_in_words} window-{one.window_id}", one.starts_at, one.ends_at)
