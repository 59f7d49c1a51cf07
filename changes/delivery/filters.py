"""What is asked of the report of completeness: a period, and perhaps one service."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from django.utils.translation import gettext

from changes.calendar.rules.bounds import is_within
from incidents.reports.filters import period
from itsm.kernel.errors import InvalidInput

NAMES = ("service", "from", "to")
_USUAL, _LONGEST = timedelta(days=30), timedelta(days=400)


class Asked(NamedTuple):
    """[since, until), of one service or of all (`slug` empty)."""

    slug: str
    since: datetime
    until: datetime


def asked(words: Mapping[str, str], now: datetime, zone: tzinfo) -> Asked:
    """The last 30 days unless a period is asked for. Raises InvalidInput: no days, the wrong way round, too long."""
    said = period(words, zone)
    until = said.until or (said.since + _USUAL if said.since else now)
    since = said.since or until - _USUAL
    if not (is_within(since) and is_within(until)):
        raise InvalidInput.about("from", gettext("Ask for a time between the years 2000 and 2199."))
    if not since < until or until - since > _LONGEST:
        raise InvalidInput.about("to", gettext("Choose a period that ends after it begins, of at most 400 days."))
    return Asked(words.get("service", "").strip()[:63], since, until)
