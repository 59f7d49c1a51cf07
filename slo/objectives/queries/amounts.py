"""Amounts of a budget as people say them in passing."""

from decimal import ROUND_FLOOR, Decimal

from django.utils.translation import gettext, ngettext

_THIN = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


def left_of(left: Decimal, allowed: Decimal, *, is_time: bool) -> str:
    """ "12 of 40 min", under a head that says "left": minutes for slices, events for occurrences, rounded down."""
    if is_time:
        if max(abs(left), allowed) < 120:
            said = minutes_said(left).removesuffix(f"{_THIN}min")
            return gettext("%(left)s of %(allowed)s") % {"left": said, "allowed": minutes_said(allowed)}
        words = {"left": minutes_said(left), "allowed": minutes_said(allowed)}
        return gettext("%(left)s of %(allowed)s") % words
    return gettext("%(left)s of %(allowed)s events") % {"left": count_said(left), "allowed": count_said(allowed)}


def minutes_said(minutes: Decimal) -> str:
    """40 min, 3 h 20 min, 5 d 2 h: two units at most, rounded down."""
    sign, whole = (_MINUS if minutes < 0 else ""), abs(int(minutes.to_integral_value(ROUND_FLOOR)))
    if whole < 120:
        return f"{sign}{whole}{_THIN}min"
    hours, rest = divmod(whole, 60)
    if hours < 48:
        return f"{sign}{hours}{_THIN}h" + (f" {rest}{_THIN}min" if rest else "")
    days, hours = divmod(hours, 24)
    return f"{sign}{days}{_THIN}d" + (f" {hours}{_THIN}h" if hours and days < 14 else "")


def count_said(count: Decimal) -> str:
    """1 234, 56 k, 7.8 M; small ones with a decimal, so that half a failure is not none."""
    sign, size = (_MINUS if count < 0 else ""), abs(count)
    for unit, letter in ((Decimal(10**9), "G"), (Decimal(10**6), "M"), (Decimal(10**4), "k")):
        if size >= unit:
            scale = Decimal(1000) if letter == "k" else unit
            return f"{sign}{_floor(size / scale, 1 if size / scale < 10 else 0)}{_THIN}{letter}"
    return f"{sign}{_floor(size, 1 if size < 10 and size != int(size) else 0)}"


def _floor(value: Decimal, places: int) -> str:
    shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
    return f"{shown:,f}".replace(",", _THIN)


def outage_said(minutes: Decimal) -> str:
    """What a budget pays for in total outage: seconds where a minute is too coarse."""
    if minutes >= 10:
        return minutes_said(minutes)
    seconds = int(minutes * 60)
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    return gettext("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
