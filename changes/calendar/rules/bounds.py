"""The time that calendars reckon with: a change may say that it runs in the year 9999, and no sum goes beyond that."""

from datetime import UTC, datetime

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def within(instant: datetime) -> datetime:
    """The instant, or the bound that it lies beyond."""
    return min(max(instant, EARLIEST), LATEST)


def is_within(instant: datetime) -> bool:
    """Whether it lies between the bounds."""
    return EARLIEST <= instant < LATEST
