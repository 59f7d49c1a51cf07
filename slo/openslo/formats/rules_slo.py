"""SLO."""

import zoneinfo
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number
from slo.openslo.formats import shapes
from slo.openslo.formats.documents import Report, below
from slo.openslo.formats.rules_alerts import ALERT_POLICY_SPEC, by_reference_or_inline
from slo.openslo.formats.rules_sli import INDICATOR
from slo.openslo.formats.shapes import DESCRIPTION, OPERATOR, exclusive, record, sequence

START_FORMAT = "%Y-%m-%d %H:%M:%S"
_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)


def _start(report: Report, path: str, value: Any) -> None:
    try:
        if datetime.strptime(value, START_FORMAT).strftime(START_FORMAT) == value:  # noqa: DTZ007 - zone stands beside
            return
    except (TypeError, ValueError):
        pass
    report.error(path, "date-time", gettext("The start is written as YYYY-MM-DD HH:MM:SS."))


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, str) or value not in _zones():
        report.error(path, "time-zone", gettext("The time zone has to be a name such as Europe/Paris."))


def _calendar_fits(report: Report, path: str, value: Any) -> None:
    rolling, given = value.get("isRolling") is True, value.get("calendar") is not None
    if rolling and given:
        report.error(path, "calendar-forbidden", gettext("A rolling window has no calendar."))
    if not rolling and not given:
        report.error(path, "calendar-required", gettext("A window that is not rolling needs a calendar."))


_WINDOW = record(
    {
        "duration": shapes.duration,
        "isRolling": shapes.boolean,
        "calendar": record({"startTime": _start, "timeZone": _zone}, required=("startTime", "timeZone")),
    },
    required=("duration",),
    rules=(_calendar_fits,),
)
_OBJECTIVE = record(
    {
        "displayName": shapes.text,
        "op": shapes.text,
        "value": shapes.number(),
        "target": shapes.number(least=_ZERO, below_=_ONE),
        "targetPercent": shapes.number(least=_ZERO, below_=_HUNDRED),
        "timeSliceTarget": shapes.number(),
        "timeSliceWindow": shapes.optional(shapes.duration),
        "indicator": INDICATOR,
        "indicatorRef": shapes.dns_label,
        "compositeWeight": shapes.number(),
    },
    rules=(exclusive("target", "targetPercent"),),
)


def _one_window(report: Report, path: str, value: Any) -> None:
    windows = value.get("timeWindow")
    if not windows:
        report.tolerated(below(path, "timeWindow"), "time-window-count", gettext("There has to be one time window."))
    elif isinstance(windows, list) and len(windows) != 1:
        report.error(below(path, "timeWindow"), "time-window-count", gettext("There has to be one time window."))


def _objectives(value: Any) -> list[tuple[str, dict[str, Any]]]:
    found = value.get("objectives")
    items = enumerate(found) if isinstance(found, list) else ()
    return [(f"objectives[{index}]", one) for index, one in items if isinstance(one, dict)]


def _has_indicator(value: Any) -> bool:
    return value.get("indicator") is not None or value.get("indicatorRef") is not None


def is_composite(spec: Any) -> bool:
    return any(_has_indicator(one) for _, one in _objectives(spec))


def _indicator_place(report: Report, path: str, value: Any) -> None:
    own = _has_indicator(value)
    if own and is_composite(value):
        report.error(path, "indicator-place", gettext("An indicator stands in spec or in each objective, not in both."))
    elif not own and not is_composite(value):
        report.error(path, "indicator-place", gettext("An indicator has to stand in spec or in each objective."))
    if own:
        exclusive("indicator", "indicatorRef")(report, path, value)


def _slices(report: Report, path: str, value: Any) -> None:
    """What the budgeting method needs of each objective."""
    method = value.get("budgetingMethod")
    wanted = {"Timeslices": ("timeSliceTarget", "timeSliceWindow"), "RatioTimeslices": ("timeSliceWindow",)}
    for place, one in _objectives(value):
        for key in wanted.get(method, ()) if isinstance(method, str) else ():
            if not shapes.is_given(one.get(key)):
                message = gettext("The method %(method)s needs “%(field)s”.") % {"method": method, "field": key}
                report.error(f"{path}.{place}.{key}", "required", message)
        if method == "Timeslices" and is_number(target := one.get("timeSliceTarget")):
            within = shapes.number(above=_ZERO, most=_ONE)
            within(report, f"{path}.{place}.timeSliceTarget", target)


def _members(report: Report, path: str, value: Any) -> None:
    for place, one in _objectives(value) if is_composite(value) else ():
        # One objective with an indicator makes a composite; the others may go without, as the tools have it.
        if _has_indicator(one):
            exclusive("indicator", "indicatorRef")(report, f"{path}.{place}", one)
        if is_number(weight := one.get("compositeWeight")):
            shapes.number(above=_ZERO)(report, f"{path}.{place}.compositeWeight", weight)


def _inline_metric(value: Any) -> str:
    indicator = value.get("indicator")
    spec = indicator.get("spec") if isinstance(indicator, dict) else None
    kinds = ("ratioMetric", "thresholdMetric") if isinstance(spec, dict) else ()
    return next((kind for kind in kinds if spec and spec.get(kind) is not None), "")


def _comparison(report: Report, path: str, value: Any) -> None:
    """op and value belong to thresholds; of an indicator elsewhere nothing is known here."""
    metric = _inline_metric(value)
    for place, one in _objectives(value) if metric else ():
        for key in ("op", "value"):
            field = f"{path}.{place}.{key}"
            if metric == "thresholdMetric" and not shapes.is_given(one.get(key)):
                report.error(field, "required", gettext("A threshold needs “%s”.") % key)
            elif metric == "thresholdMetric" and key == "op":
                OPERATOR(report, field, one["op"])
            elif metric == "ratioMetric" and shapes.is_given(one.get(key)):
                message = gettext("“%s” compares a threshold; beside a ratio it means nothing.") % key
                report.warning(field, "forbidden", message)
                if key == "op":
                    OPERATOR(report, field, one["op"])


_ALERT_POLICY = by_reference_or_inline("alertPolicyRef", "AlertPolicy", ALERT_POLICY_SPEC)
SLO_SPEC = record(
    {
        "description": DESCRIPTION,
        "service": shapes.text,
        "indicator": INDICATOR,
        "indicatorRef": shapes.dns_label,
        "budgetingMethod": shapes.one_of("Occurrences", "Timeslices", "RatioTimeslices"),
        "timeWindow": sequence(_WINDOW),
        "objectives": sequence(_OBJECTIVE),
        "alertPolicies": sequence(_ALERT_POLICY),
    },
    required=("service", "budgetingMethod"),
    rules=(_one_window, _indicator_place, _slices, _members, _comparison),
)
