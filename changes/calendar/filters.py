"""The period of a report, as a page and a program ask for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from django.utils.translation import gettext

from changes.calendar.rules.bounds import is_within
from incidents.reports.filters import period
from itsm.kernel.errors import InvalidInput


def reported_period(
    words: Mapping[str, str], now: datetime, zone: tzinfo, *, usual: timedelta, longest: timedelta
) -> tuple[datetime, datetime]:
    """[since, until) of `from` and `to`: up to now, and so long as is `usual`, unless something else is asked for.

    Raises InvalidInput: no days, a period that ends before it begins or lasts longer than `longest`.
    """
    said = period(words, zone)
    until = said.until or (said.since + usual if said.since else now)
    since = said.since or until - usual
    if not (is_within(since) and is_within(until)):
        raise InvalidInput.about("from", gettext("Ask for a time between the years 2000 and 2199."))
    if not since < until or until - since > longest:
        words_of = gettext("Choose a period that ends after it begins, of at most %(days)d days.")
        raise InvalidInput.about("to", words_of % {"days": longest.days})
    return since, until
