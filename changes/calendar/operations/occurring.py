"""Writing down when a window is: of a plain one its only time, of what recurs each within 400 days ahead.

Promise: gate and pages read the rows that stand here and nothing else. They are written in the transaction of the
window, and every night again; what is not known so far ahead is no open time (`change_context.sql`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import formats
from django.utils.translation import gettext

from changes.calendar.models import CalendarOccurrence, CalendarWindow
from changes.calendar.operations.locking import close_calendar
from changes.calendar.rules.recurrence import Period, local_starts, periods
from changes.calendar.rules.recurrence_rule import RefusedRule, Rule, read_rule
from itsm.clocks.hours_format import zones
from itsm.kernel.errors import InvalidInput
from itsm.one_by_one import one_by_one

AHEAD = timedelta(days=400)
KEPT = timedelta(days=400)  # what was: pages of the past, and what failed in the same window lately
MOST_AHEAD = 1000
LONGEST = timedelta(days=400)
LONGEST_THAT_RECURS = timedelta(days=31)
FARTHEST = timedelta(days=3660)
_OLDEST_FIRST = timedelta(days=366)
_LOOKED_FOR = timedelta(days=1500)  # for the word that says where a rule begins


def times_of(rrule: str, zone: str, starts_at: datetime, ends_at: datetime, at: datetime) -> tuple[Period, ...]:
    """When a window is that somebody is about to enter: once, or each time within 400 days.

    Raises InvalidInput, about the field that it is about.
    """
    _refuse_odd_times(starts_at, ends_at, at)
    if not rrule:
        if zone:
            raise InvalidInput.about("zone", gettext("A time zone goes with a rule that repeats the window."))
        return (Period(starts_at, ends_at),)
    rule = _read(rrule, zone)
    _refuse_what_does_not_fit(rule, ZoneInfo(zone), starts_at, ends_at, at)
    found = periods(rule, ZoneInfo(zone), _local(starts_at, zone), ends_at - starts_at, at + AHEAD, MOST_AHEAD + 1)
    if len(found) > MOST_AHEAD:
        words = gettext("That is more than %(most)s times in 400 days: nobody plans by such a calendar.")
        raise InvalidInput.about("rrule", words % {"most": MOST_AHEAD})
    if starts_at <= at and not any(one.ends_at > at for one in found):
        raise InvalidInput.about("rrule", gettext("By that rule it is over already."))
    return found


def _refuse_odd_times(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at:
        raise InvalidInput.about("ends_at", gettext("A window ends after it starts, and not in the past."))
    if ends_at - starts_at > LONGEST:
        raise InvalidInput.about("ends_at", gettext("A window lasts at most 400 days."))
    if starts_at > at + FARTHEST:
        raise InvalidInput.about("starts_at", gettext("A window starts within ten years."))


def _read(rrule: str, zone: str) -> Rule:
    try:
        rule = read_rule(rrule)
    except RefusedRule as refused:
        raise InvalidInput.about("rrule", str(refused)) from refused
    if not zone:
        words = gettext("Say the time zone whose clocks the rule is meant by, such as Europe/Berlin.")
        raise InvalidInput.about("zone", words)
    if zone not in zones():
        raise InvalidInput.about("zone", gettext("There is no time zone %(zone)s.") % {"zone": zone[:64]})
    return rule


def _local(starts_at: datetime, zone: str) -> datetime:
    return starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _refuse_what_does_not_fit(rule: Rule, zone: ZoneInfo, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if starts_at.microsecond or ends_at.microsecond:
        raise InvalidInput.about("starts_at", gettext("A window that recurs starts and ends on a whole second."))
    if ends_at - starts_at > LONGEST_THAT_RECURS:
        raise InvalidInput.about("ends_at", gettext("A window that recurs lasts at most 31 days."))
    if starts_at < at - _OLDEST_FIRST:
        raise InvalidInput.about("starts_at", gettext("A window that recurs began at most a year ago."))
    first = starts_at.astimezone(zone).replace(tzinfo=None)
    begins = next(local_starts(rule, first, first + _LOOKED_FOR), None)
    if begins is None:
        raise InvalidInput.about("rrule", gettext("By that rule it would never come."))
    if begins != first:
        words = gettext("The first start is no time of the rule; from there on the first is %(first)s.")
        raise InvalidInput.about("starts_at", words % {"first": formats.date_format(begins, "DATETIME_FORMAT")})


def write_down(window: CalendarWindow, times: Collection[Period], at: datetime) -> None:
    """These are its times from now on. What was stays as it was, what is planned no longer goes."""
    wanted = {DateTimeTZRange(one.starts_at, one.ends_at) for one in times}
    coming = CalendarOccurrence.objects.filter(window=window, period__startswith__gt=at)
    coming.exclude(period__in=wanted).delete()
    CalendarOccurrence.objects.bulk_create(
        (CalendarOccurrence(window=window, period=one) for one in sorted(wanted)), ignore_conflicts=True
    )


def renew(at: datetime) -> int:
    """Write down what recurs for 400 days from now on, and forget what is long past. Safe to run twice.

    A window at a time, in its own transaction, with the calendar held: by new zone data a closure may move. Returns how
    many windows.
    """
    recurring = CalendarWindow.objects.filter(lifted_at=None).exclude(rrule="").order_by("pk")
    windows = list(recurring.values_list("pk", flat=True))
    done = one_by_one(windows, lambda pk: _renewed(pk, at), what="what recurs in the calendar")
    CalendarOccurrence.objects.filter(period__endswith__lt=at - KEPT).delete()
    return done


@transaction.atomic
def _renewed(pk: int, at: datetime) -> int:
    close_calendar()
    window = CalendarWindow.objects.select_for_update(no_key=True).filter(pk=pk, lifted_at=None).first()
    if window is None:
        return 0
    lasts, until = window.ends_at - window.starts_at, at + AHEAD
    found = periods(
        read_rule(window.rrule), ZoneInfo(window.zone), _local(window.starts_at, window.zone), lasts, until, 100_000
    )
    write_down(window, [one for one in found if one.ends_at > at], at)
    window.known_until = max(until, window.known_until or until)
    window.save(update_fields=["known_until"])
    return 1
