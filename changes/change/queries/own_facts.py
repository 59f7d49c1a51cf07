"""Facts that Headroom itself stands behind: what it read from its own records, just now."""

from datetime import datetime
from typing import TypeVar

from changes.gate.facts import Fact, seen

HERE = "headroom"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
T = TypeVar("T")


def known(value: T, at: datetime, fresh_for: int) -> Fact[T]:
    """What was just read, good for so many seconds."""
    return seen(value, at=at, source=HERE, principal=HERE, fresh_for_seconds=fresh_for)
