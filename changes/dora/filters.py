"""What is asked of the report, as a page and a program write it: a service, a period, and of which measure the rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from django.utils.translation import gettext

from changes.calendar.filters import reported_period
from changes.dora.queries.periods import parts_of
from changes.dora.vocabulary import Measure
from incidents.reports.filters import chosen
from itsm.kernel.errors import InvalidInput

NAMES = ("service", "from", "to")
ROWS = (*NAMES, "measure", "page")
_USUAL, _LONGEST = timedelta(days=90), timedelta(days=1100)
_MOST_PAGES = 100_000


class Asked(NamedTuple):
    """[since, until) in parts: `edges` begin with `since`, end with `until`. `slug`: of the service, perhaps none."""

    slug: str
    since: datetime
    until: datetime
    edges: list[datetime]


def asked(words: Mapping[str, str], now: datetime, zone: tzinfo) -> Asked:
    """The last 90 days unless a period is asked for; it ends now at the latest, as a rate by the day needs days.

    Raises InvalidInput: no days, a period that ends before it begins, lies ahead or is longer than three years.
    """
    since, until = reported_period(words, now, zone, usual=_USUAL, longest=_LONGEST)
    if since >= now:
        raise InvalidInput.about("from", gettext("This period lies ahead: nothing was deployed in it yet."))
    until = min(until, now)
    return Asked(words.get("service", "").strip()[:63], since, until, parts_of(since, until, zone))


def measure_of(words: Mapping[str, str]) -> Measure:
    """Of which measure the rows are asked for; deployments unless another is. Raises InvalidInput."""
    return chosen(words, "measure", Measure, Measure.DEPLOYMENT_FREQUENCY)


def page_of(words: Mapping[str, str]) -> int:
    """The page of the rows, from 1. Raises InvalidInput."""
    text = words.get("page", "") or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= _MOST_PAGES):
        raise InvalidInput.about("page", gettext("Ask for a page by its number, from 1."))
    return int(text)
