"""A recurrence rule (RFC 5545, 3.3.10), read strictly: what is odd, endless or at odds with itself is refused by name.

Of the RFC's parts those that people plan by: by the second, the hour, the day of the year and the week's number nobody
keeps a calendar of changes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST = 500  # characters
MOST_TIMES = 1000
_LONGEST_INTERVAL = 400
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_UNUSED = ("BYSECOND", "BYYEARDAY", "BYWEEKNO", "BYEASTER", "RSCALE", "SKIP")


class RefusedRule(ValueError):
    """Why a rule cannot be used, in a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it was meant. `weekdays`: (which of the span, 0 = every one; 0 = Monday).

    until: an instant with a zone, or a local time without one; what starts at it is still meant.
    positions: which of a period's times are meant, from 1, or from -1 backwards; empty = all of them.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_start: int = 0


def read_rule(text: str) -> Rule:
    """The rule that a text says, with or without "RRULE:" before it. Raises RefusedRule."""
    if len(text) > LONGEST:
        raise RefusedRule(_("A rule has at most %(most)s characters.") % {"most": LONGEST})
    said = _parts(text.strip().removeprefix("RRULE:"))
    rule = Rule(**{name: read(said[part], part) for part, (name, read) in _READERS.items() if part in said})
    _refuse_what_is_at_odds(rule)
    return rule


def _parts(text: str) -> Mapping[str, str]:
    said: dict[str, str] = {}
    for piece in text.upper().split(";"):
        part, equals, value = piece.partition("=")
        if not equals or not value:
            raise RefusedRule(
                _("A rule reads like FREQ=WEEKLY;BYDAY=MO; “%(piece)s” does not.") % {"piece": piece[:40]}
            )
        if part in said:
            raise RefusedRule(_("%(part)s is said twice.") % {"part": part})
        if part in _UNUSED:
            raise RefusedRule(
                _("%(part)s is not taken here: say it by month, day of the month or weekday.") % {"part": part}
            )
        if part not in _READERS:
            raise RefusedRule(_("A rule has no part %(part)s.") % {"part": part[:40]})
        said[part] = value
    if "FREQ" not in said:
        raise RefusedRule(_("A rule says how often: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."))
    return said


def _frequency(value: str, part: str) -> str:
    if value in ("SECONDLY", "MINUTELY", "HOURLY"):
        raise RefusedRule(_("A window of the calendar repeats daily or more rarely; by the hour say BYHOUR."))
    if value not in FREQUENCIES:
        raise RefusedRule(_("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."))
    return value


def _number(lowest: int, highest: int) -> Callable[[str, str], int]:
    def read(value: str, part: str) -> int:
        number = int(value) if _NUMBER.fullmatch(value) else None
        if number is None or number == 0 > lowest or not lowest <= number <= highest:
            said = {"part": part, "lowest": lowest, "highest": highest, "value": value[:20]}
            raise RefusedRule(_("%(part)s goes from %(lowest)s to %(highest)s, not %(value)s.") % said)
        return number

    return read


def _numbers(lowest: int, highest: int) -> Callable[[str, str], tuple[int, ...]]:
    one = _number(lowest, highest)
    return lambda value, part: tuple(sorted({one(each, part) for each in value.split(",")}))


def _weekdays(value: str, part: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for each in value.split(","):
        match = _WEEKDAY.fullmatch(each)
        which = int(match[1] or 0) if match else 0
        if match is None or (match[1] and which == 0) or abs(which) > 53:
            raise RefusedRule(_("BYDAY names weekdays as MO, 1MO or -1FR, not %(value)s.") % {"value": each[:20]})
        found.add((which, WEEKDAYS.index(match[2])))
    return tuple(sorted(found))


def _week_start(value: str, part: str) -> int:
    if value not in WEEKDAYS:
        raise RefusedRule(_("WKST names one weekday: MO, TU, WE, TH, FR, SA or SU."))
    return WEEKDAYS.index(value)


def _until(value: str, part: str) -> datetime:
    match = _UNTIL.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        day = date(int(match[1][:4]), int(match[1][4:6]), int(match[1][6:]))
        clock = time.max if match[2] is None else time(int(match[2][:2]), int(match[2][2:4]), int(match[2][4:]))
    except ValueError:
        raise RefusedRule(_("UNTIL is a date (20271231) or a time (20271231T220000Z).")) from None
    return datetime.combine(day, clock, UTC if match[3] else None)


_READERS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _number(1, _LONGEST_INTERVAL)),
    "COUNT": ("count", _number(1, MOST_TIMES)),
    "UNTIL": ("until", _until),
    "BYMONTH": ("months", _numbers(1, 12)),
    "BYMONTHDAY": ("month_days", _numbers(-31, 31)),
    "BYDAY": ("weekdays", _weekdays),
    "BYSETPOS": ("positions", _numbers(-366, 366)),
    "BYHOUR": ("hours", _numbers(0, 23)),
    "BYMINUTE": ("minutes", _numbers(0, 59)),
    "WKST": ("week_start", _week_start),
}


def _refuse_what_is_at_odds(rule: Rule) -> None:
    at_odds = {
        _("COUNT and UNTIL both end a rule: say one of them."): rule.count is not None and rule.until is not None,
        _("BYMONTHDAY does not go with FREQ=WEEKLY."): rule.frequency == "WEEKLY" and bool(rule.month_days),
        _("BYDAY with a number goes with FREQ=MONTHLY or YEARLY only."): rule.frequency in ("DAILY", "WEEKLY")
        and any(which for which, _day in rule.weekdays),
        _("BYSETPOS picks from another BY part: say BYDAY, BYMONTHDAY, BYMONTH, BYHOUR or BYMINUTE."): bool(
            rule.positions
        )
        and not (rule.weekdays or rule.month_days or rule.months or rule.hours or rule.minutes),
    }
    for sentence, holds in at_odds.items():
        if holds:
            raise RefusedRule(sentence)
