"""OpenSLO v1alpha, as Sloth's files use it, as documents of v1.

There an objective brings its own metrics, and a window is a count and a unit. Several objectives with metrics are
several promises: each becomes a document, numbered from 1 on or named by its displayName. Sloth adds to the format
that a query may leave its window open (`{{.window}}`), and leaves out the method (Occurrences) and isRolling.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from slo.measuring.formats.slugs import slugged
from slo.openslo.formats import promql
from slo.openslo.formats.counting import counts_of
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.rules import VERSION

ALPHA = "openslo/v1alpha"
_UNITS = {"Day": "d", "Week": "w", "Month": "M", "Quarter": "Q", "Year": "Y", "Hour": "h", "Minute": "m"}
_METRICS = ("good", "bad", "total")


def is_alpha(document: Document) -> bool:
    return document.version == ALPHA


def to_openslo(report: Report, document: Document) -> list[Document]:
    """The documents of v1, for the kinds Service and SLO; none with a finding."""
    if document.kind == "Service":
        return [replace(document, value=document.value | {"apiVersion": VERSION})]
    spec = document.value.get("spec")
    if document.kind != "SLO":
        report.error("kind", "unknown-kind", gettext("The kind has to be one of: %s.") % "Service, SLO")
    elif not isinstance(spec, dict) or not _objectives(spec):
        message = gettext("An SLO of v1alpha has a spec with a list of objectives.")
        report.error("spec.objectives", "alpha-shape", message)
    else:
        return list(_slos(report, document, spec))
    return []


def _objectives(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found = spec.get("objectives")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _slos(report: Report, document: Document, spec: dict[str, Any]) -> Iterator[Document]:
    objectives = _objectives(spec)
    window = _window(report, spec)
    for index, (one, suffix) in enumerate(zip(objectives, _suffixes(objectives), strict=True)):
        path = f"spec.objectives[{index}]"
        indicator = _indicator(report, path, spec, one)
        if indicator is None or report.failed:
            continue
        name = f"{document.name}-{suffix}" if suffix else document.name
        method = spec.get("budgetingMethod") or "Occurrences"
        value = {
            "apiVersion": VERSION,
            "kind": "SLO",
            "metadata": _metadata(document, name, one, suffix),
            "spec": {
                "description": spec.get("description") or "",
                "service": spec.get("service"),
                "indicator": {"metadata": {"name": name}, "spec": indicator},
                "timeWindow": window,
                "budgetingMethod": method,
                "objectives": [_terms(one, method)],
            },
        }
        places = _places(path, "thresholdMetric" in indicator)
        yield Document(replace(document.ref, places=places), value)


def _metadata(document: Document, name: str, objective: dict[str, Any], suffix: str) -> dict[str, Any]:
    given = document.value.get("metadata")
    metadata = dict(given) if isinstance(given, dict) else {}
    shown = metadata.get("displayName") or document.name
    if suffix and isinstance(shown, str):
        words = f"{shown}: {objective.get('displayName') or suffix}"
        metadata["displayName"] = words[:63]
    return metadata | {"name": name}


def _suffixes(objectives: list[dict[str, Any]]) -> list[str]:
    """As for several objectives of v1: their display names where these tell all apart, else numbers."""
    if len(objectives) == 1:
        return [""]
    words = [slugged(str(one.get("displayName") or "")) for one in objectives]
    if all(words) and max(Counter(words).values()) == 1:
        return words
    return [str(number) for number, _ in enumerate(objectives, 1)]


def _terms(objective: dict[str, Any], method: str) -> dict[str, Any]:
    """Slices of v1alpha have no length: a minute. `value` means nothing beside a ratio there."""
    names = ["displayName", "target", "timeSliceTarget"]
    names += [] if objective.get("ratioMetrics") is not None else ["op", "value"]
    slices = {} if method == "Occurrences" else {"timeSliceWindow": "1m"}
    return {name: objective[name] for name in names if objective.get(name) is not None} | slices


def _window(report: Report, spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Without isRolling a window rolls unless it has a calendar. None at all is v1's finding."""
    windows = spec.get("timeWindows")
    given = windows[0] if isinstance(windows, list) and windows and isinstance(windows[0], dict) else None
    if given is None:
        return []
    count, unit = given.get("count"), _UNITS.get(str(given.get("unit")))
    if not isinstance(count, int) or isinstance(count, bool) or count < 1 or unit is None:
        message = gettext("A window is a count and a unit, one of: %s.") % ", ".join(_UNITS)
        report.error("spec.timeWindows[0]", "alpha-shape", message)
        return []
    calendar = given.get("calendar")
    rolling = given.get("isRolling")
    found = {"duration": f"{count}{unit}", "isRolling": calendar is None if rolling is None else rolling}
    return [found | ({"calendar": calendar} if calendar is not None else {})]


def _indicator(
    report: Report, path: str, spec: dict[str, Any], objective: dict[str, Any]
) -> dict[str, Any] | None:  # fmt: skip
    ratio, shared = objective.get("ratioMetrics"), spec.get("indicator")
    if isinstance(ratio, dict):
        return _ratio(report, f"{path}.ratioMetrics", ratio)
    threshold = shared.get("thresholdMetric") if isinstance(shared, dict) else None
    if isinstance(threshold, dict):
        query = _query(report, "spec.indicator.thresholdMetric", threshold)
        return {"thresholdMetric": _metric(threshold, promql.minute_window(query))}
    message = gettext("An objective has ratioMetrics, or the spec has an indicator with a thresholdMetric.")
    report.error(path, "alpha-shape", message)
    return None


def _ratio(report: Report, path: str, ratio: dict[str, Any]) -> dict[str, Any]:
    given = {key: ratio[key] for key in _METRICS if isinstance(ratio.get(key), dict)}
    queries = {key: _query(report, f"{path}.{key}", metric) for key, metric in given.items()}
    counter = ratio.get("incremental") is True
    if not counter and queries:
        queries = dict(zip(queries, counts_of(report, path, *queries.values()), strict=True))
    return {"ratioMetric": {"counter": counter} | {key: _metric(given[key], queries[key]) for key in queries}}


def _query(report: Report, path: str, metric: dict[str, Any]) -> str:
    query = metric.get("query")
    if isinstance(query, str) and query.strip():
        return query
    report.error(f"{path}.query", "required", gettext("“%s” has to be given.") % "query")
    return ""


def _metric(metric: dict[str, Any], query: str) -> dict[str, Any]:
    source = metric.get("source")
    kind = source if isinstance(source, str) and source else "Prometheus"
    return {"metricSource": {"type": "Prometheus" if kind.lower() == "prometheus" else kind, "spec": {"query": query}}}


def _places(path: str, is_threshold: bool) -> dict[str, str]:
    """Where the parts of the translated document stand in the author's."""
    metrics = "spec.indicator.spec.ratioMetric"
    of_ratio = {f"{metrics}.{key}": f"{path}.ratioMetrics.{key}.query" for key in _METRICS}
    fields = ("displayName", "target", "timeSliceTarget", "op", "value")
    return of_ratio | {
        "": path,
        "metadata": "metadata",
        "spec.description": "spec.description",
        "spec.service": "spec.service",
        "spec.budgetingMethod": "spec.budgetingMethod",
        "spec.timeWindow": "spec.timeWindows",
        "spec.timeWindow[0]": "spec.timeWindows[0]",
        "spec.timeWindow[0].calendar": "spec.timeWindows[0].calendar",
        "spec.indicator": "spec.indicator" if is_threshold else f"{path}.ratioMetrics",
        "spec.indicator.spec.thresholdMetric": "spec.indicator.thresholdMetric.query",
        **{f"spec.objectives[0].{field}": f"{path}.{field}" for field in fields},
        "spec.objectives": path,
    }
