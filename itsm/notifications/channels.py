"""The channels of the outbox: how each delivers, in which lane, and what follows when it gives up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from itsm.notifications.lanes import Lane

if TYPE_CHECKING:
    from itsm.notifications.models import Delivery

# What is returned is kept with the attempt, where the lane notes attempts: what the other side said.
Handler = Callable[["Delivery"], str | None]
Died = Callable[["Delivery", datetime], None]

MOST_PUT_OFF = 24 * 3600.0  # seconds: no receiver keeps us waiting for longer


class PutOff(Exception):
    """Raised by a handler that was asked to come again later: in so many seconds at the earliest. It is an attempt."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.wait = timedelta(seconds=min(max(seconds, 0.0), MOST_PUT_OFF))


class Refused(Exception):
    """Raised by a handler where no other attempt would help: the delivery is given up now."""


@dataclass(frozen=True, slots=True)
class Channel:
    """`at_once`: at most so many at a time for one owner, which is the aggregate up to its first colon; None: no limit.

    `died(delivery, at)` is called in the transaction that gives a delivery up.
    """

    deliver: Handler
    lane: Lane = Lane.DESK
    at_once: int | None = None
    died: Died | None = None


known: dict[str, Channel] = {}


def lane_of(channel: str) -> Lane:
    """Of an unknown channel (another version runs beside this one): the desk's."""
    found = known.get(channel)
    return found.lane if found else Lane.DESK


def owner_of(aggregate: str) -> str:
    return aggregate.partition(":")[0]
