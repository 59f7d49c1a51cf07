"""What is asked of the report, as a page and a program write it: a period, and what an hour of waiting costs."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.utils.translation import gettext

from changes.calendar.filters import reported_period
from itsm.kernel.errors import InvalidInput

NAMES = ("from", "to", "rate")
_USUAL, _LONGEST = timedelta(days=90), timedelta(days=367)
_HIGHEST = Decimal(100_000)


class Asked(NamedTuple):
    """[since, until); `rate`: money for an hour of waiting, as the reader states it; None where none is stated."""

    since: datetime
    until: datetime
    rate: Decimal | None


def asked(words: Mapping[str, str], now: datetime, zone: tzinfo) -> Asked:
    """The last 90 days unless a period is asked for.

    Raises InvalidInput: no days, a period that ends before it begins or is longer than a year, an odd rate.
    """
    since, until = reported_period(words, now, zone, usual=_USUAL, longest=_LONGEST)
    return Asked(since, until, _rate(words.get("rate", "").strip()))


def _rate(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or not 0 <= rate <= _HIGHEST or len(text) > 20:
        raise InvalidInput.about("rate", gettext("Write what an hour costs, 0 to 100000, such as 85 or 85.50."))
    return rate
