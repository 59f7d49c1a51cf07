"""Time windows, slices and alert look-backs: from OpenSLO's durations to what Headroom keeps."""

from math import log
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number
from slo.openslo.formats.annotations import CALENDAR_START, DEFAULT_START, annotation, in_order
from slo.openslo.formats.definitions import ALERT_ROWS, CalendarDefinition, CalendarUnit
from slo.openslo.formats.documents import Report
from slo.openslo.formats.durations import MINUTES, Duration, parse_duration

SHORTEST_DAYS, LONGEST_DAYS, USUAL_DAYS = 7, 366, 28
_DAY = MINUTES["d"]
_UNITS: dict[str, CalendarUnit] = {"w": "week", "M": "month", "Q": "quarter", "Y": "year"}
_WINDOW = "spec.timeWindow[0]"


def window_of(
    report: Report, metadata: dict[str, Any], spec: dict[str, Any]
) -> tuple[int | None, CalendarDefinition | None]:
    """(days, None) or (None, calendar); both None with a finding."""
    windows = spec.get("timeWindow")
    if not windows:
        message = gettext("There is no time window; %d rolling days are taken.") % USUAL_DAYS
        report.warning("spec.timeWindow", "headroom-window-default", message)
        return USUAL_DAYS, None
    window = windows[0]
    duration = duration_of(window["duration"])
    if window.get("calendar"):
        return None, _calendar(report, metadata, window["calendar"], duration)
    return _days(report, duration), None


def duration_of(value: Any) -> Duration:
    """A checked duration; a number counts minutes (lenient mode). Nonsense is no minutes."""
    if is_number(value):
        return Duration(int(value) if value == int(value) else 0, "m")
    return parse_duration(value) or Duration(0, "m")


def _days(report: Report, duration: Duration) -> int | None:
    days, rest = divmod(duration.minutes, _DAY)
    if rest:
        message = gettext(
            "A rolling window has whole days here; “%(count)d%(unit)s” has not (m is a minute, M a month)."
        )
        words = {"count": duration.count, "unit": duration.unit}
        report.error(f"{_WINDOW}.duration", "headroom-window-whole-days", message % words)
    elif not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        report.error(f"{_WINDOW}.duration", "headroom-window-length", _length_sentence(days))
    else:
        return days
    return None


def _length_sentence(days: int) -> str:
    message = gettext("A window has %(least)d to %(most)d days here, not %(days)d.")
    return message % {"least": SHORTEST_DAYS, "most": LONGEST_DAYS, "days": days}


def _calendar(
    report: Report, metadata: dict[str, Any], calendar: dict[str, Any], duration: Duration
) -> CalendarDefinition | None:
    if duration.unit not in _UNITS:
        message = gettext(
            "A calendar window counts weeks (w), months (M), quarters (Q) or years (Y) here, not “%(count)d%(unit)s”."
        )
        words = {"count": duration.count, "unit": duration.unit}
        report.error(f"{_WINDOW}.duration", "headroom-calendar-unit", message % words)
        return None
    if not SHORTEST_DAYS <= duration.minutes // _DAY <= LONGEST_DAYS:
        sentence = _length_sentence(duration.minutes // _DAY)
        report.error(f"{_WINDOW}.duration", "headroom-window-length", sentence)
        return None
    usual = annotation(metadata, CALENDAR_START) == DEFAULT_START
    start = None if usual else calendar["startTime"]
    return CalendarDefinition(_UNITS[duration.unit], duration.count, calendar["timeZone"], start)


def slice_minutes_of(report: Report, path: str, value: Any) -> int | None:
    """The minutes of a slice, which have to divide an hour."""
    minutes = duration_of(value).minutes
    if minutes and 60 % minutes == 0:
        return minutes
    message = gettext("The minutes of a time slice have to divide 60 here: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60.")
    report.error(path, "headroom-slice-minutes", message)
    return None


def rows_from_policies(report: Report, policies: list[dict[str, Any]]) -> tuple[str, ...] | None:
    """Our rows nearest to the look-backs of burn alerts; None without policies."""
    if not policies:
        return None
    named = set()
    for index, policy in enumerate(policies):
        condition = policy["spec"]["conditions"][0]["spec"]["condition"]
        if condition["op"] in ("lt", "lte"):
            message = gettext("An alert on a burn rate below its threshold is not kept.")
            report.warning(f"spec.alertPolicies[{index}]", "headroom-alert-op", message)
        else:
            named.add(_nearest_row(duration_of(condition["lookbackWindow"])))
    rows = in_order(named)
    message = gettext("The alert policies become the rows %(rows)s; their thresholds are scaled to the window.")
    report.warning("spec.alertPolicies", "headroom-alert-scaled", message % {"rows": ", ".join(rows) or "–"})
    return rows


def _nearest_row(duration: Duration) -> str:
    """Nearest as a factor: three hours are nearer to six than to one."""
    minutes = max(1, duration.minutes)

    def distance(row: str) -> float:
        return abs(log(minutes / duration_of(row).minutes))

    return min(ALERT_ROWS, key=distance)
