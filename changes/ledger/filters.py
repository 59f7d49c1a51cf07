"""What is asked of the report: a period, and by what it is summed up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from changes.calendar.rules.bounds import is_within
from changes.ledger.queries.report import Asked
from changes.ledger.vocabulary import SumBy
from incidents.reports.filters import chosen, period
from itsm.kernel.errors import InvalidInput

NAMES = ("from", "to", "by")
_USUAL, _LONGEST = timedelta(days=28), timedelta(days=367)


def asked(words: Mapping[str, str], now: datetime) -> Asked:
    """The last 28 days by service unless something else is asked for.

    Raises InvalidInput: no days, a period that ends before it begins or is longer than a year, an unknown word.
    """
    said = period(words, ZoneInfo("UTC"))
    until = said.until or (said.since + _USUAL if said.since else now)
    since = said.since or until - _USUAL
    if not (is_within(since) and is_within(until)):
        raise InvalidInput.about("from", gettext("Ask for a time between the years 2000 and 2199."))
    if not since < until or until - since > _LONGEST:
        raise InvalidInput.about("to", gettext("Choose a period that ends after it begins, of at most a year."))
    return Asked(since, until, chosen(words, "by", SumBy, SumBy.SERVICE))
