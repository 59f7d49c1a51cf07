"""Issuing a feed, and taking it back."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from changes.boards.models import Board
from changes.feeds.models import CalendarFeed
from changes.feeds.permissions import feed_owners
from changes.feeds.queries.showing import hash_of
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

if TYPE_CHECKING:
    from catalog.models import Service

MOST = 20


@transaction.atomic
def issue_feed(
    *, actor: Actor, about: str, at: datetime, service: "Service | None" = None, board: Board | None = None
) -> tuple[CalendarFeed, str]:
    """A feed and its token, which is shown this once.

    Raises NotPermitted (programs, requesters), InvalidInput (what it is about is not said), WrongState (MOST are live).
    """
    if not feed_owners(actor) or actor.id is None:
        raise NotPermitted(gettext("People who work here have feeds of the calendar."))
    wanted = {"service": service, "board": board}
    for name, given in wanted.items():
        if (about == name) != (given is not None):
            words = gettext("Say which one.") if about == name else gettext("That belongs to another kind of feed.")
            raise InvalidInput.about(name, words)
    if CalendarFeed.objects.filter(owner=actor.id, revoked_at=None).count() >= MOST:
        raise WrongState(gettext("You have %(most)s feeds: take one back first.") % {"most": MOST})
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        owner_id=actor.id, about=about, service=service, board=board, token_hash=hash_of(token), created_at=at
    )
    lifecycle.created(feed, actor=actor, changes={"about": [None, about]})
    return feed, token


def revoke_feed(feed: CalendarFeed, *, actor: Actor, version: int | None, at: datetime) -> CalendarFeed:
    """Its address opens nothing from here on. Raises NotPermitted (somebody else's) and StaleVersion."""
    if not feed_owners(actor, feed):
        raise NotPermitted(gettext("A feed is taken back by whose it is."))
    with lifecycle.edit(feed, actor=actor, version=version, event="revoked") as current:
        current.revoked_at = current.revoked_at or at
    return current
