"""A recurrence rule in words, as people say it: "Every Tuesday 10:00", "Every 2 weeks on Monday 09:30, 5 times".

Promise: every part of the rule is said, or the answer is None and the rule stands for itself.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import formats
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from changes.calendar.rules.recurrence_rule import RefusedRule, Rule, read_rule

_MOST_TIMES = 6
_WORKING_DAYS = (0, 1, 2, 3, 4)


def in_words(text: str, first: datetime) -> str | None:
    """What a rule says of times from `first` on, by the clocks of its zone. None where it has no short words."""
    try:
        rule = read_rule(text)
    except RefusedRule:
        return None
    hours, minutes = rule.hours or (first.hour,), rule.minutes or (first.minute,)
    if rule.positions or len(hours) * len(minutes) > _MOST_TIMES:
        return None
    on = _on(rule, first)
    if on is None:
        return None
    clocks = _listed([f"{hour:02d}:{minute:02d}" for hour in hours for minute in minutes])
    return f"{on} {clocks}{_months(rule)}{_end(rule)}"


def _on(rule: Rule, first: datetime) -> str | None:
    """How often, and on which days."""
    days = tuple(day for _which, day in rule.weekdays)
    if rule.frequency == "DAILY" and not rule.month_days:
        if not days:
            return ngettext("Every day", "Every %(count)d days", rule.interval) % {"count": rule.interval}
        return _every_weekday(days) if rule.interval == 1 else None
    if rule.frequency == "WEEKLY":
        days = days or (first.weekday(),)
        if rule.interval == 1:
            return _every_weekday(days)
        words = {"count": rule.interval, "days": _listed([str(WEEKDAYS[day]) for day in days])}
        return _("Every %(count)d weeks on %(days)s") % words
    if rule.frequency == "MONTHLY":
        often = ngettext("Every month", "Every %(count)d months", rule.interval) % {"count": rule.interval}
        on = _in_month(rule, first)
        return f"{often} {on}" if on else None
    if rule.frequency == "YEARLY" and not rule.weekdays:
        often = ngettext("Every year", "Every %(count)d years", rule.interval) % {"count": rule.interval}
        if rule.months or rule.month_days:
            on = _in_month(rule, first)
            return f"{often} {on}" if rule.months and on else None
        return f"{often} {_('on %(day)s') % {'day': formats.date_format(first, 'MONTH_DAY_FORMAT')}}"
    return None


def _every_weekday(days: Sequence[int]) -> str:
    if tuple(days) == _WORKING_DAYS:
        return _("Every day from Monday to Friday")
    return _("Every %(days)s") % {"days": _listed([str(WEEKDAYS[day]) for day in days])}


def _in_month(rule: Rule, first: datetime) -> str | None:
    """On which days of a month; None where days and weekdays are both said."""
    if rule.month_days and rule.weekdays:
        return None
    if rule.weekdays:
        said = [_nth(which, str(WEEKDAYS[day])) for which, day in rule.weekdays]
        return _("on %(days)s") % {"days": _listed(said)} if all(said) else None
    said = [_day(day) for day in rule.month_days or (first.day,)]
    return _("on %(days)s") % {"days": _listed(said)}


def _nth(which: int, day: str) -> str:
    words = {
        0: _("every %(day)s"), 1: _("the first %(day)s"), 2: _("the second %(day)s"), 3: _("the third %(day)s"),
        4: _("the fourth %(day)s"), 5: _("the fifth %(day)s"), -1: _("the last %(day)s"),
        -2: _("the last %(day)s but one"),
    }  # fmt: skip
    return words[which] % {"day": day} if which in words else ""


def _day(day: int) -> str:
    if day == -1:
        return _("the last day")
    if day < 0:
        return _("day %(day)d from the end") % {"day": -day}
    return _("day %(day)d") % {"day": day}


def _months(rule: Rule) -> str:
    if not rule.months:
        return ""
    return " " + _("in %(months)s") % {"months": _listed([str(MONTHS[month]) for month in rule.months])}


def _end(rule: Rule) -> str:
    if rule.count is not None:
        return ", " + ngettext("once", "%(count)d times", rule.count) % {"count": rule.count}
    if rule.until is None:
        return ""
    zone = " UTC" if rule.until.tzinfo is UTC else ""
    return ", " + _("until %(until)s") % {"until": formats.date_format(rule.until, "DATE_FORMAT") + zone}


def _listed(words: Sequence[Any]) -> str:
    """One, two and three."""
    *some, last = [str(one) for one in words]
    return _("%(some)s and %(last)s") % {"some": ", ".join(some), "last": last} if some else last
