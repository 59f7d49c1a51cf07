"""Indicators: from an inline SLI to the queries that Headroom runs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from slo.measuring.formats.counters import NotCounters, increases
from slo.openslo.formats.annotations import checked_of, description_of, name_of, step_minutes_of
from slo.openslo.formats.definitions import IndicatorDefinition, Kind, Operator, Source
from slo.openslo.formats.documents import Report

PROMETHEUS = "prometheus"
# The type that our own export gives to what is sent to us: coming back it needs no warning.
SENT = "Headroom"
LONGEST_QUERY = 4000
# Where products put their query; the first is the specification's example.
_QUERY_FIELDS = ("query", "promql")
_OPERATORS: dict[str, Operator] = {"lt": "lt", "lte": "lte", "gt": "gt", "gte": "gte"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the indicator's metrics stand, and the metrics by their field."""

    path: str
    metrics: dict[str, dict[str, Any]]


def indicator_of(
    report: Report, path: str, inline: dict[str, Any], objective_path: str, objective: dict[str, Any]
) -> IndicatorDefinition | None:
    """The definition; None with a finding. The objective gives a threshold's comparison."""
    metadata, spec = inline["metadata"], inline["spec"]
    ratio, threshold = spec.get("ratioMetric"), spec.get("thresholdMetric")
    place = _place(path, ratio, threshold)
    kind: Kind = "threshold" if threshold else "raw" if "raw" in place.metrics else "ratio"
    before = len(report.findings)
    source, data_source = _source(report, place)
    queries = _queries(report, place) if source == PROMETHEUS else {}
    counter = bool(ratio and ratio.get("counter"))
    if counter and kind == "ratio":
        _check_counters(report, place, queries)
    op: Operator = ""
    value = None
    if kind == "threshold":
        op, value = _comparison(report, objective_path, objective)
    if kind == "raw":
        queries = _as_success(report, f"{path}.spec.ratioMetric.rawType", ratio["rawType"], queries)
    name = name_of(report, f"{path}.metadata", metadata)
    step, checked = (
        step_minutes_of(report, path, metadata),
        checked_of(report, path, metadata),
    )
    if any(finding.severity == "error" for finding in report.findings[before:]):
        return None
    return IndicatorDefinition(
        slug=metadata["name"], name=name, description=description_of(metadata, spec), kind=kind, source=source,
        data_source=data_source, counter=counter, op=op, threshold=value,
        step_minutes=step, checked=checked and source == "push", **queries,
    )  # fmt: skip


def _place(path: str, ratio: dict[str, Any] | None, threshold: dict[str, Any] | None) -> _Place:
    if threshold:
        return _Place(f"{path}.spec", {"thresholdMetric": threshold})
    metrics = {key: ratio[key] for key in ("good", "bad", "total", "raw") if ratio.get(key)} if ratio else {}
    return _Place(f"{path}.spec.ratioMetric", metrics)


def _source(report: Report, place: _Place) -> tuple[Source, str]:
    """(source, slug of the data source). All metrics of an indicator have to come from one place."""
    found = {key: metric["metricSource"] for key, metric in place.metrics.items()}
    types = {str(source.get("type") or "") for source in found.values()}
    names = {str(source.get("metricSourceRef") or "") for source in found.values()}
    if len({kind.lower() for kind in types}) > 1 or len(names) > 1:
        message = gettext("All metrics of an indicator have to come from one data source.")
        report.error(place.path, "headroom-mixed-sources", message)
    kind, name = min(types), min(names)
    if kind.lower() == PROMETHEUS:
        if not name:
            message = gettext("No data source is named; one has to be chosen for the import.")
            report.warning(place.path, "headroom-no-data-source", message)
        return "prometheus", name
    if kind != SENT:
        message = gettext(
            "Metrics of the type “%s” are not run by Headroom: the measurements of this indicator have to be sent."
        )
        report.warning(place.path, "headroom-push", message % kind[:80])
    return "push", name


def _queries(report: Report, place: _Place) -> dict[str, str]:
    found = {}
    for key, metric in place.metrics.items():
        field = "value_query" if key in ("raw", "thresholdMetric") else f"{key}_query"
        found[field] = _query(report, f"{place.path}.{key}.metricSource.spec", metric["metricSource"]["spec"])
    return found


def _query(report: Report, path: str, spec: dict[str, Any]) -> str:
    query = next((spec[key] for key in _QUERY_FIELDS if spec.get(key)), None)
    if not isinstance(query, str) or not query.strip():
        report.error(path, "headroom-query", gettext("A Prometheus metric needs “query”, a PromQL expression."))
        return ""
    if len(query) > LONGEST_QUERY:
        message = gettext("A query has at most %d characters here.") % LONGEST_QUERY
        report.error(f"{path}.query", "headroom-query-length", message)
    return query.strip()


def _check_counters(report: Report, place: _Place, queries: dict[str, str]) -> None:
    """Counters are asked as growth; what cannot be is refused here, where its author reads it."""
    for field, query in queries.items():
        try:
            if query:
                increases(query)
        except NotCounters as error:
            report.error(f"{place.path}.{field.removesuffix('_query')}", "headroom-counter", str(error))


def _comparison(report: Report, path: str, objective: dict[str, Any]) -> tuple[Operator, Decimal | None]:
    op, value = _OPERATORS.get(str(objective.get("op") or "")), objective.get("value")
    if op is None or value is None:
        message = gettext("A threshold needs “op” (lt, lte, gt, gte) and “value” in its objective.")
        report.error(path, "headroom-threshold", message)
        return "", None
    return op, Decimal(value)


def _as_success(report: Report, path: str, raw_type: str, queries: dict[str, str]) -> dict[str, str]:
    """A share of failures is turned around, so that a raw value is always a share of good events."""
    if raw_type == "failure" and queries:
        return {"value_query": f"1 - ({queries['value_query']})"}
    if raw_type == "failure":
        message = gettext("What is sent is a share of good events, not of failures.")
        report.warning(path, "headroom-raw-type", message)
    return queries
