"""Making a feed of shifts, and taking it back."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.oncall.models import OnCallFeed, Schedule
from itsm.oncall.permissions import feed_owners
from itsm.oncall.queries.feeds import hash_of

MOST = 20


@transaction.atomic
def make_feed(*, actor: Actor, at: datetime, schedule: Schedule | None = None) -> tuple[OnCallFeed, str]:
    """A feed of a schedule, or of one's own shifts, and its token, which is shown this once.

    Raises NotPermitted (programs, requesters), WrongState (MOST are live).
    """
    if not feed_owners(actor) or actor.id is None:
        raise NotPermitted(gettext("People who work here have feeds of shifts."))
    if OnCallFeed.objects.filter(owner=actor.id, revoked_at=None).count() >= MOST:
        raise WrongState(gettext("You have %(most)s feeds: take one back first.") % {"most": MOST})
    token = secrets.token_urlsafe(32)
    feed = OnCallFeed.objects.create(owner_id=actor.id, schedule=schedule, token_hash=hash_of(token), created_at=at)
    about = schedule.slug if schedule is not None else ""
    lifecycle.created(feed, actor=actor, changes={"schedule": [None, about]}, at=at)
    return feed, token


def revoke_feed(feed: OnCallFeed, *, actor: Actor, version: int | None, at: datetime) -> OnCallFeed:
    """Its address opens nothing from here on. Raises NotPermitted (somebody else's), StaleVersion, VersionRequired."""
    if not feed_owners(actor, feed):
        raise NotPermitted(gettext("A feed is taken back by whose it is."))
    with lifecycle.edit(feed, actor=actor, version=version, event="revoked") as current:
        current.revoked_at = current.revoked_at or at
    return current
