"""Feeds of shifts: one's own, and what an address opens."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.ics import Event, as_ics
from itsm.kernel.actors import Actor, Door
from itsm.oncall.models import OnCallFeed, Schedule
from itsm.oncall.permissions import readers
from itsm.oncall.queries.duty import final_shifts

BACK, AHEAD = timedelta(days=30), timedelta(days=120)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return salted_hmac("on-call: feed of shifts", token, algorithm="sha256").hexdigest()


def feeds_of(actor: Actor) -> QuerySet[OnCallFeed]:
    """One's own, those that were taken back too."""
    return OnCallFeed.objects.filter(owner=actor.id or 0).select_related("schedule", "owner")


def feed_opened_by(token: str) -> OnCallFeed | None:
    """The live feed of somebody who works here still; None for any other text."""
    live = OnCallFeed.objects.select_related("owner", "schedule", "schedule__team")
    feed = live.filter(token_hash=hash_of(token[:200]), revoked_at=None, owner__is_active=True).first()
    return feed if feed is not None and readers(actor_for(feed.owner, Door.API)) else None


def text_of(feed: OnCallFeed, at: datetime) -> str:
    """The feed as ICS, from a month ago to four ahead: of a schedule who has it, of a person when they have it."""
    if feed.schedule is not None:
        return as_ics(feed.schedule.name, _events(feed.schedule, at, None), at, product="On call", is_busy=False)
    held = (
        Q(layers__slots__person=feed.owner) | Q(overrides__people__person=feed.owner) | Q(swaps__in_person=feed.owner)
    )
    events: list[Event] = []
    for schedule in Schedule.objects.filter(held, retired_at=None).distinct().order_by("pk"):
        events += _events(schedule, at, feed.owner)
    name = gettext("On call: %(name)s") % {"name": feed.owner.username}
    return as_ics(name, events, at, product="On call", is_busy=False)


def _events(schedule: Schedule, at: datetime, person: User | None) -> list[Event]:
    shifts = final_shifts(schedule, at - BACK, at + AHEAD)
    names = {one.pk: str(one) for one in User.objects.filter(pk__in={who for one in shifts for who in one.people})}
    found = []
    for one in shifts:
        if person is not None and person.pk not in one.people:
            continue
        who = ", ".join(names[each] for each in one.people) if one.people else gettext("nobody")
        uid = f"{schedule.slug}-{one.start:%Y%m%dT%H%M%S}@headroom"
        words = schedule.name if person is not None else f"{schedule.name}: {who}"
        found.append(Event(uid, words, one.start, one.end))
    return found
