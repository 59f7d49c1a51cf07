"""Pyrra's four kinds of indicators as ratios of the events of one minute."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number, resolve_number
from slo.openslo.formats import promql
from slo.openslo.formats.documents import Report

_DURATION = re.compile(r"(?:[0-9]{1,9}(?:ms|[ywdhms]))+\Z", re.ASCII)
_PART = re.compile(r"([0-9]+)(ms|[ywdhms])", re.ASCII)
# Prometheus' durations; a year and a day differ from OpenSLO's letters.
MILLISECONDS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z", re.ASCII)
_BOUND = re.compile(r"[{,]\s*le\s*[=!]", re.ASCII)
_MATCHES = {"": "=", "=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}

# From the matchers of a group to the queries by their field.
Queries = Callable[[str], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """`path` of the indicator, `fields`: where its metrics stand; `total`: the selector of all events."""

    path: str
    grouping: object
    total: str
    fields: dict[str, str]
    queries: Queries


def indicator_of(report: Report, spec: dict[str, Any]) -> Indicator | None:
    """The one kind that is there; None with a finding."""
    given = spec.get("indicator")
    kinds = given if isinstance(given, dict) else {}
    for kind, read in _KINDS.items():
        if isinstance(found := kinds.get(kind), dict):
            indicator = read(report, f"spec.indicator.{kind}", found, spec)
            return None if report.failed else indicator
    message = gettext("Only the indicators ratio, latency, latencyNative and bool_gauge can be taken over from Pyrra.")
    report.error("spec.indicator", "pyrra-indicator", message)
    return None


def milliseconds(text: object) -> int | None:
    """Of a duration as Prometheus writes it, such as 4w or 1m30s; None where it is none."""
    if not isinstance(text, str) or not _DURATION.match(text):
        return None
    return sum(int(count) * MILLISECONDS[unit] for count, unit in _PART.findall(text))


def _ratio(report: Report, path: str, found: dict[str, Any], spec: dict[str, Any]) -> Indicator:
    errors = _selector(report, f"{path}.errors", found.get("errors"))
    total = _selector(report, f"{path}.total", found.get("total"))
    fields = {"bad": f"{path}.errors.metric", "total": f"{path}.total.metric"}

    def queries(matchers: str) -> dict[str, str]:
        return {"bad": _increase(errors, matchers), "total": _increase(total, matchers)}

    return Indicator(path, found.get("grouping"), total, fields, queries)


def _latency(report: Report, path: str, found: dict[str, Any], spec: dict[str, Any]) -> Indicator:
    success = _selector(report, f"{path}.success", found.get("success"))
    total = _selector(report, f"{path}.total", found.get("total"))
    bound = "" if not success or _BOUND.search(promql.without_strings(success)) else _older_bound(report, path, spec)
    fields = {"good": f"{path}.success.metric", "total": f"{path}.total.metric"}

    def queries(matchers: str) -> dict[str, str]:
        in_time = ", ".join(part for part in (bound, matchers) if part)
        return {"good": _increase(success, in_time), "total": _increase(total, matchers)}

    return Indicator(path, found.get("grouping"), total, fields, queries)


def _older_bound(report: Report, path: str, spec: dict[str, Any]) -> str:
    """The bucket that older files name beside the indicator; without any, the buckets would be added up."""
    latency = spec.get("latency")
    number = resolve_number(latency) if isinstance(latency, str) else latency
    if is_number(number):
        message = gettext('The metric names no bucket; le="%s", as spec.latency says, is taken.')
        report.warning("spec.latency", "pyrra-latency", message % number)
        return f'le="{number}"'
    message = gettext('The metric has to name one bucket of the histogram, such as le="0.5".')
    report.error(f"{path}.success.metric", "pyrra-latency", message)
    return ""


def _native(report: Report, path: str, found: dict[str, Any], spec: dict[str, Any]) -> Indicator:
    total = _selector(report, f"{path}.total", found.get("total"))
    bound = milliseconds(found.get("latency"))
    if not bound:
        message = gettext("The latency is a duration, such as 200ms.")
        report.error(f"{path}.latency", "pyrra-latency", message)
    seconds = f"{Decimal(bound or 1000).scaleb(-3).normalize():f}"
    fields = {"good": f"{path}.total.metric", "total": f"{path}.total.metric"}

    def queries(matchers: str) -> dict[str, str]:
        grown = _increase(total, matchers)
        count = f"histogram_count({grown})"
        # Of no observations no fraction is known (NaN, which no comparison lets pass): none was good, of none.
        good = f"(histogram_fraction(0, {seconds}, {grown}) * {count} >= 0) or {count} * 0"
        return {"good": good, "total": count}

    return Indicator(path, found.get("grouping"), total, fields, queries)


def _gauge(report: Report, path: str, found: dict[str, Any], spec: dict[str, Any]) -> Indicator:
    metric = _selector(report, path, found)
    fields = {"good": f"{path}.metric", "total": f"{path}.metric"}

    def queries(matchers: str) -> dict[str, str]:
        functions = {"good": "sum_over_time", "total": "count_over_time"}
        return {field: promql.over_a_minute(name, metric, matchers) for field, name in functions.items()}

    return Indicator(path, found.get("grouping"), metric, fields, queries)


_KINDS = {
    "ratio": _ratio, "latency": _latency, "latencyNative": _native, "latency_native": _native, "bool_gauge": _gauge,
    "boolGauge": _gauge,
}  # fmt: skip


def _increase(selector: str, matchers: str) -> str:
    return promql.over_a_minute("increase", selector, matchers)


def _selector(report: Report, path: str, holder: Any) -> str:
    """The metric with its matchers, those that stand in a list of their own among them."""
    metric = holder.get("metric") if isinstance(holder, dict) else None
    if not isinstance(metric, str) or not promql.is_selector(metric):
        message = gettext('A metric of Pyrra is a selector, such as http_requests{code="500"}.')
        report.error(f"{path}.metric", "pyrra-metric", message)
        return ""
    listed = holder.get("matchers")
    matchers = enumerate(listed if isinstance(listed, list) else ())
    more = [_matcher(report, f"{path}.matchers[{place}]", one) for place, one in matchers]
    return promql.with_matchers(metric, ", ".join(more)) if more else metric


def _matcher(report: Report, path: str, found: Any) -> str:
    name, value, kind = (found.get(key) for key in ("name", "value", "type")) if isinstance(found, dict) else [None] * 3
    if isinstance(name, str) and isinstance(value, str) and str(kind or "") in _MATCHES and _LABEL.match(name):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}{_MATCHES[str(kind or "")]}"{quoted}"'
    report.error(path, "pyrra-metric", gettext("A matcher has a name and a value."))
    return ""
