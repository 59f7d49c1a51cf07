"""Periods as people and programs write them."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext

from incidents.reports.queries import Period, Slice
from incidents.reports.vocabulary import Age, Group, Measure
from itsm.kernel.errors import InvalidInput


def instant(text: str, name: str, zone: ZoneInfo) -> datetime:
    """A day (its first instant in the zone) or an instant; one without an offset is local. Raises InvalidInput."""
    words = gettext("Write a day (2026-03-01) or an instant (2026-03-01T09:00:00+01:00).")
    try:
        day = parse_date(text)
        found = datetime.combine(day, time()) if day else parse_datetime(text)
        if found is None:
            raise InvalidInput(words, {name: [words]})
        there = found.replace(tzinfo=zone) if is_naive(found) else found
        if not 1970 <= there.year <= 9000:
            raise InvalidInput(words, {name: [words]})
    except ValueError as error:
        raise InvalidInput(words, {name: [words]}) from error
    return there


def period(asked: Mapping[str, str], zone: ZoneInfo) -> Period:
    """[from, to); what is not said is no bound. Raises InvalidInput, also where it ends before it begins."""
    since, until = (instant(asked[name], name, zone) if asked.get(name) else None for name in ("from", "to"))
    if since is not None and until is not None and since > until:
        words = gettext("The period ends before it begins.")
        raise InvalidInput(words, {"to": [words]})
    return Period(since, until)


def last_days(days: int, now: datetime, zone: ZoneInfo) -> Period:
    """Whole local days up to and with today."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    first = datetime.combine(tomorrow.date() - timedelta(days=days), time(), zone)
    return Period(first, tomorrow)


def rows_asked(asked: Mapping[str, str], zone: ZoneInfo) -> Slice:
    """Which rows of a report are asked for. Raises InvalidInput naming what is not known."""
    for name, known in (("measure", Measure), ("group", Group), ("age", Age)):
        if (said := asked.get(name, "")) and said not in known.values:
            words = gettext("Known are %(known)s.") % {"known": ", ".join(known.values)}
            raise InvalidInput(words, {name: [words]})
    return Slice(
        asked.get("measure") or Measure.OPENED,
        period(asked, zone),
        asked.get("group", ""),
        asked.get("value", "")[:63],
        asked.get("age", ""),
    )
