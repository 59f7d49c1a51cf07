"""What is asked of the report of completeness: a period, and perhaps one service."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from changes.calendar.filters import reported_period

NAMES = ("service", "from", "to")
_USUAL, _LONGEST = timedelta(days=30), timedelta(days=400)


class Asked(NamedTuple):
    """[since, until), of one service or of all (`slug` empty)."""

    slug: str
    since: datetime
    until: datetime


def asked(words: Mapping[str, str], now: datetime, zone: tzinfo) -> Asked:
    """The last 30 days unless a period is asked for. Raises InvalidInput: no days, the wrong way round, too long."""
    since, until = reported_period(words, now, zone, usual=_USUAL, longest=_LONGEST)
    return Asked(words.get("service", "").strip()[:63], since, until)
