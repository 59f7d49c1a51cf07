"""Instants as strangers write them."""

from datetime import datetime, timedelta

_FARTHEST = timedelta(hours=16)  # no clock was ever as far from UTC, and PostgreSQL takes none


def has_sound_offset(at: datetime) -> bool:
    """Whether some clock could be as far from UTC as this one says, so that it can be kept; True without an offset."""
    offset = at.utcoffset()
    return offset is None or abs(offset) < _FARTHEST
