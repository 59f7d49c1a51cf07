"""What is asked of the report: a period, and by what it is summed up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from changes.calendar.filters import reported_period
from changes.ledger.queries.report import Asked
from changes.ledger.vocabulary import SumBy
from incidents.reports.filters import chosen

NAMES = ("from", "to", "by")
_USUAL, _LONGEST = timedelta(days=28), timedelta(days=367)


def asked(words: Mapping[str, str], now: datetime) -> Asked:
    """The last 28 days by service unless something else is asked for.

    Raises InvalidInput: no days, a period that ends before it begins or is longer than a year, an unknown word.
    """
    since, until = reported_period(words, now, ZoneInfo("UTC"), usual=_USUAL, longest=_LONGEST)
    return Asked(since, until, chosen(words, "by", SumBy, SumBy.SERVICE))
