"""Methods, windows and amounts in words: what an objective promises, as one sentence that reads the same everywhere."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from slo.engine.methods import Method
from slo.objectives.models.objective import Terms

_THIN = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"

_EACH = {
    "week": lambda: gettext("the calendar week"),
    "month": lambda: gettext("the calendar month"),
    "quarter": lambda: gettext("the calendar quarter"),
    "year": lambda: gettext("the calendar year"),
}

# The formulas of `slo.engine.forecast`, in words.
FORMULAS = {
    "rolling": _(
        "Remaining share x window / (burn now - burn of the data about to leave the window); never, while no "
        "more fails than leaves the window."
    ),
    "full_window": _("Remaining share x period / burn; never in this period, if that is after its end."),
    "elapsed": _(
        "Remaining share x time elapsed / (burn - 1), as the budget grows while the period goes on; never, "
        "while burn is at most 1 or if that is after the period's end."
    ),
    "traffic": _(
        "Events from now on are multiplied; what was measured and, for a rolling window, the budget it allows "
        "stay. The period of a calendar budget is reckoned with its future events multiplied. Slices do not "
        "depend on it."
    ),
    "target": _("The window's bad events are held to it: spent share and burn x (1 - target) / (1 - new target)."),
    "outage": _(
        "Traffic x share of events that fail x minutes of outage / ((1 - target) x window). By time slices: "
        "bad slices x slice length / ((1 - target) x window), the outage beginning with a slice."
    ),
    "outages_left": _("Budget that remains now / cost of one such outage, rounded down."),
}


def in_percent(share: Decimal) -> str:
    """0.999 as "99.9 %": exact, as a promise is."""
    return f"{(share * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%"


def promise(terms: Terms) -> str:
    """ "99.9 % of 5-minute slices good over the calendar month (Europe/Berlin)"."""
    return gettext("%(counted)s over %(window)s") % {"counted": counted(terms), "window": window(terms)}


def short_promise(terms: Terms) -> str:
    """The same for a line of a list: "99.9 % of slices, 28 days"."""
    return gettext("%(target)s of %(things)s, %(window)s") % {
        "target": in_percent(terms.target),
        "things": things(terms),
        "window": short_window(terms),
    }


def counted(terms: Terms) -> str:
    """What is counted, and how much of it must be good."""
    target = in_percent(terms.target)
    if terms.method == Method.OCCURRENCES:
        if terms.is_composite:
            return gettext("the budgets of several indicators, added up,")
        return gettext("%(target)s of events good") % {"target": target}
    given = {"target": target, "minutes": terms.time_slice_minutes or 1}
    if terms.method == Method.TIMESLICES:
        words = gettext("%(target)s of %(minutes)s-minute slices good")
    else:
        words = gettext("%(target)s of %(minutes)s-minute slices good, each by its share of good events,")
    if terms.is_composite:
        words = gettext("%(slices)s, evaluated over several indicators together,") % {"slices": words.rstrip(",")}
    return words % given


def slice_target(terms: Terms) -> str:
    """When a slice is good; empty for methods that do not ask."""
    if terms.method != Method.TIMESLICES or terms.time_slice_target is None:
        return ""
    return gettext("a slice is good when at least %(target)s of its events are") % {
        "target": in_percent(terms.time_slice_target)
    }


def window(terms: Terms) -> str:
    """ "28 days, rolling" or "the calendar month (Europe/Berlin)"."""
    if terms.is_rolling:
        return ngettext("%(days)s day, rolling", "%(days)s days, rolling", terms.window_days) % {
            "days": terms.window_days
        }
    zone = {"zone": terms.calendar_zone, "count": terms.calendar_count}
    if terms.calendar_count == 1:
        return gettext("%(period)s (%(zone)s)") % {"period": _EACH[terms.calendar_unit](), **zone}
    unit = terms.get_calendar_unit_display()
    return gettext("periods of %(count)s calendar %(unit)ss (%(zone)s)") % {"unit": unit, **zone}


def short_window(terms: Terms) -> str:
    """The window in a few characters: `28 d`, `per month`."""
    if terms.is_rolling:
        return gettext("%(days)s d") % {"days": terms.window_days}
    count = "" if terms.calendar_count == 1 else f"{terms.calendar_count}\N{NARROW NO-BREAK SPACE}"
    return gettext("per %(count)s%(unit)s") % {"count": count, "unit": terms.get_calendar_unit_display()}


def things(terms: Terms) -> str:
    """What a budget of this method counts: events or slices."""
    return gettext("events") if terms.method == Method.OCCURRENCES else gettext("slices")


def counted_things(terms: Terms, said: str) -> str:
    """The same behind a number as it is shown: "1 event", "1.2 slices", "< 0.1 slices"."""
    number = 1 if said == "1" else 2
    if terms.method == Method.OCCURRENCES:
        return ngettext("%(said)s event", "%(said)s events", number) % {"said": said}
    return ngettext("%(said)s slice", "%(said)s slices", number) % {"said": said}


def length(minutes: int) -> str:
    """A stretch of time in its two largest units: "3 d 4 h", "12 min"."""
    days, rest = divmod(max(0, minutes), 1440)
    hours, left = divmod(rest, 60)
    parts = [(days, gettext("d")), (hours, gettext("h")), (left, gettext("min"))]
    shown = [f"{number}\N{NARROW NO-BREAK SPACE}{unit}" for number, unit in parts if number][:2]
    return " ".join(shown) or f"0\N{NARROW NO-BREAK SPACE}{gettext('min')}"


def stretch(begins: datetime, ends: datetime) -> str:
    """Two instants in the reader's zone, the day once where it is the same: "23 Nov 2026, 05:42 – 07:22 UTC"."""
    first, last = timezone.localtime(begins), timezone.localtime(ends)
    shown = date_format(last, "H:i" if first.date() == last.date() else "j M Y, H:i")
    zone = first.tzname() if first.tzname() == last.tzname() else f"{first.tzname()}/{last.tzname()}"
    return f"{date_format(first, 'j M Y, H:i')} \N{EN DASH} {shown} {zone}"


def formula(key: str) -> str:
    """One of the engine's formulas, in words."""
    return str(FORMULAS[key])


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
