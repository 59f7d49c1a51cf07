"""The rows behind a number as a query of the list: what is counted is what it opens, also tomorrow."""

from datetime import UTC, datetime

from django.urls import reverse

from incidents.reports.queries.measures import DATED_BY, Slice, ages_of
from incidents.reports.queries.periods import Period
from incidents.reports.vocabulary import Measure
from itsm.work.grammar import written

AT, TO = "@", "/"


def terms_of(asked: Slice) -> list[tuple[str, str]]:
    """As terms of the filter grammar: `measure=fcr`, `resolved=2026-03-01..2026-04-01`, `team=network`.

    What no column of the list dates carries its instants itself: `measure=backlog@2026-04-01T00:00:00Z`, and as an
    interval of ISO 8601 `measure=sla_met@2026-03-01T00:00:00Z/2026-04-01T00:00:00Z`.
    """
    measure, period = asked.measure, asked.period
    found = [("measure", measure.value)]
    if measure == Measure.BACKLOG:
        found = [("measure", f"{measure.value}{AT}{_instant(period.end)}")]
    elif measure in DATED_BY:
        found += [(DATED_BY[measure][1], f"{_instant(period.since)}..{_instant(period.until)}")] * (period != Period())
    elif period != Period():
        found = [("measure", f"{measure.value}{AT}{_instant(period.since)}{TO}{_instant(period.until)}")]
    if asked.age is not None:
        ages = ages_of(asked.age, period.end)
        found.append(("opened", f"{_instant(ages.since)}..{_instant(ages.until)}"))
    if asked.group is not None:
        found.append((asked.group.value, asked.value))
    return found


def page_of(asked: Slice) -> str:
    """The list that shows them."""
    return f"{reverse('incidents:list')}?tab=all&{written(terms_of(asked))}"


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
