"""Periods and measures as people and programs write them, and the term by which a list shows the rows of a number."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q, TextChoices
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.incident.filters import Reading
from incidents.reports.queries import Period
from incidents.reports.queries.addresses import AT, TO
from incidents.reports.queries.measures import counted, seen
from incidents.reports.vocabulary import Measure
from itsm.kernel.errors import InvalidInput
from itsm.kernel.instants import has_sound_offset
from itsm.work.grammar import Range, Term, refused

TERM = _("Counted by a report as")
Choice = TypeVar("Choice", bound=TextChoices)


def instant(text: str, name: str, zone: tzinfo) -> datetime:
    """A day (its first instant in the zone) or an instant; one without an offset is local. Raises InvalidInput."""
    words = gettext("Write a day (2026-03-01) or an instant (2026-03-01T09:00:00+01:00).")
    try:
        day = parse_date(text)
        found = datetime.combine(day, time()) if day else parse_datetime(text.replace(" ", "+"))
        if found is None:
            raise InvalidInput.about(name, words)
        there = found.replace(tzinfo=zone) if is_naive(found) else found
        if not (1970 <= there.year <= 9000 and has_sound_offset(there)):
            raise InvalidInput.about(name, words)
    except ValueError as error:
        raise InvalidInput.about(name, words) from error
    return there


def period(asked: Mapping[str, str], zone: tzinfo) -> Period:
    """[from, to); what is not said is no bound. Raises InvalidInput, also where it ends before it begins."""
    since, until = (instant(asked[name], name, zone) if asked.get(name) else None for name in ("from", "to"))
    if since is not None and until is not None and since > until:
        raise InvalidInput.about("to", gettext("The period ends before it begins."))
    return Period(since, until)


def first_day_without(until: datetime, zone: tzinfo) -> str:
    """How a form says "up to, without" of a period that ends at `until`: sent back as it stands, it loses nothing."""
    there = until.astimezone(zone)
    return str(there.date() if there.time() == time() else there.date() + timedelta(days=1))


class Reported(Protocol):
    """[since, until) of a report."""

    @property
    def since(self) -> datetime: ...

    @property
    def until(self) -> datetime: ...


def period_typed(said: Mapping[str, str], asked: Reported | None, zone: tzinfo) -> dict[str, str]:
    """`from` and `to` of a report's form: as they were typed, else as the report takes them; `asked`: None where what
    was typed is no period."""
    usual = (f"{asked.since.astimezone(zone):%Y-%m-%d}", first_day_without(asked.until, zone)) if asked else ("", "")
    return {"from": said.get("from") or usual[0], "to": said.get("to") or usual[1]}


def zone_named(name: str, otherwise: tzinfo) -> tzinfo:
    """The zone that `tz` names. Raises InvalidInput for one that there is not."""
    if not name:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        words = gettext("There is no such time zone; write one such as Europe/Berlin.")
        raise InvalidInput.about("tz", words) from error


def chosen(asked: Mapping[str, str], name: str, known: type[Choice], otherwise: Choice) -> Choice:
    """One of the words that are known, or `otherwise` where none is said. Raises InvalidInput listing them."""
    said = asked.get(name, "")
    if not said:
        return otherwise
    if said not in known.values:
        raise InvalidInput.about(name, gettext("Known are %(known)s.") % {"known": ", ".join(known.values)})
    return known(said)


def measured(term: Term, value: Any, reading: Reading) -> Q:
    """What `measure=mttr` counts, of all time or of `measure=mttr@2026-03-01/2026-04-01`; a backlog is that of an
    instant: `measure=backlog@2026-04-01`. Raises InvalidInput, also for who reads no reports."""
    if not reading.staff:
        raise refused(term.name, gettext("There is no such field."))
    if isinstance(value, Range):
        raise refused(term.name, gettext("It takes no range; write measure@from/to."))
    name, _at, when = str(value).partition(AT)
    if name not in Measure.values:
        raise refused(term.name, gettext("Known are %(known)s.") % {"known": ", ".join(Measure.values)})
    measure = Measure(name)
    return seen(reading.actor) & counted(measure, _said(term, when, reading))


def _said(term: Term, when: str, reading: Reading) -> Period:
    def edge(text: str) -> datetime | None:
        return instant(text, term.name, reading.zone) if text else None

    since, separated, until = when.partition(TO)
    try:
        if not separated:
            return Period(None, edge(since))
        found = Period(edge(since), edge(until))
    except InvalidInput as error:
        raise refused(term.name, error.detail) from error
    if found.since is not None and found.until is not None and found.since > found.until:
        raise refused(term.name, gettext("The period ends before it begins."))
    return found
