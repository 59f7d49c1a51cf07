"""Sloth's files (`version: prometheus/v1`) and its Kubernetes PrometheusServiceLevel, as OpenSLO documents.

Sloth's queries leave their window open; ours count the events of one minute. Sloth has no window in its
files: the caller says which one its installation uses (30 days where nobody chose).
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import promql
from slo.openslo.formats.annotations import NAME, ROWS
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.objectives import slugged
from slo.openslo.formats.rules import VERSION
from slo.openslo.formats.scalars import is_number, resolve_number
from slo.openslo.formats.targets import is_percentage, percent

DEFAULT_WINDOW_DAYS = 30
_EVENTS = ("error_query", "total_query")
_PAGES, _TICKETS = ("1h", "6h"), ("1d", "3d")


def is_sloth(document: Document) -> bool:
    return isinstance(document.value, dict) and (
        document.value.get("version") == "prometheus/v1"
        or (document.version.startswith("sloth.slok.dev/") and document.kind == "PrometheusServiceLevel")
    )


def to_openslo(report: Report, document: Document, window_days: int = DEFAULT_WINDOW_DAYS) -> list[Document]:
    """One SLO document for each of its SLOs that can be read; the others are findings."""
    kubernetes = document.value.get("version") != "prometheus/v1"
    spec = document.value.get("spec") if kubernetes else document.value
    prefix = "spec." if kubernetes else ""
    slos = spec.get("slos") if isinstance(spec, dict) else None
    service = spec.get("service") if isinstance(spec, dict) else None
    if not isinstance(service, str) or not isinstance(slos, list):
        report.error(f"{prefix}slos", "sloth-shape", gettext("A Sloth file has a service and a list of slos."))
        return []
    found = []
    for index, slo in enumerate(slos):
        path = f"{prefix}slos[{index}]"
        if value := _slo(report, path, service, spec.get("labels"), slo, window_days):
            places = _places(path, prefix, slo)
            found.append(Document(replace(document.ref, places=places), value))
    return found


def _field(value: Any, snake: str) -> Any:
    """Fields are snake_case in files and camelCase in Kubernetes; both are read."""
    return value.get(_spelled(value, snake)) if isinstance(value, dict) else None


def _spelled(value: Any, snake: str) -> str:
    """The name of the field as it is written there."""
    first, *rest = snake.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    return camel if isinstance(value, dict) and camel in value and snake not in value else snake


def _places(path: str, prefix: str, slo: Any) -> dict[str, str]:
    """Where the parts of the translated document stand in the author's."""
    sli = f"{path}.sli"
    written = _field(slo, "sli")
    events = {name: f"{sli}.events.{_spelled(_field(written, 'events'), name)}" for name in _EVENTS}
    raw = _spelled(_field(written, "raw"), "error_ratio_query")
    return {
        "": path,
        "metadata.name": f"{path}.name",
        "metadata.labels": f"{path}.labels",
        "metadata.annotations": f"{path}.alerting",
        "spec.service": f"{prefix}service",
        "spec.description": f"{path}.description",
        "spec.objectives": f"{path}.objective",
        "spec.indicator": sli,
        "spec.indicator.metadata": f"{path}.name",
        "spec.indicator.spec.ratioMetric.bad": events["error_query"],
        "spec.indicator.spec.ratioMetric.total": events["total_query"],
        "spec.indicator.spec.ratioMetric.raw": f"{sli}.raw.{raw}",
    }


def _slo(
    report: Report, path: str, service: str, labels: Any, slo: Any, window_days: int
) -> dict[str, Any] | None:  # fmt: skip
    name, objective = _field(slo, "name"), _field(slo, "objective")
    number = resolve_number(objective) if isinstance(objective, str) else objective
    if not isinstance(name, str) or not slugged(name) or not is_number(number):
        report.error(path, "sloth-shape", gettext("An SLO of Sloth has a name, an objective in percent and an sli."))
        return None
    if not is_percentage(report, f"{path}.objective", number):
        return None
    indicator = _indicator(report, f"{path}.sli", f"{service}-{name}", _field(slo, "sli"))
    if indicator is None:
        return None
    description = slo.get("description")
    spec = {
        "description": description if isinstance(description, str) else "",
        "service": slugged(service),
        "indicator": indicator,
        "timeWindow": [{"duration": f"{window_days}d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": percent(Decimal(number))}],
    }
    full_name = f"{service} {name}"
    metadata = {
        "name": slugged(f"{service}-{name}"),
        "displayName": full_name[:63],
        "labels": _labels(labels) | _labels(slo.get("labels")),
        "annotations": {NAME: full_name} | _alerting(slo.get("alerting")),
    }
    return {"apiVersion": VERSION, "kind": "SLO", "metadata": metadata, "spec": spec}


def _labels(labels: Any) -> dict[str, Any]:
    found = labels.items() if isinstance(labels, dict) else ()
    return {key: value for key, value in found if isinstance(value, str)}


def _alerting(alerting: Any) -> dict[str, str]:
    """Sloth's two alerts are two rows each; what is disabled there stays so here."""
    pages = _field(_field(alerting, "page_alert"), "disable") is not True
    tickets = _field(_field(alerting, "ticket_alert"), "disable") is not True
    if pages and tickets:
        return {}
    return {ROWS: ",".join((_PAGES if pages else ()) + (_TICKETS if tickets else ()))}


def _indicator(report: Report, path: str, name: str, sli: Any) -> dict[str, Any] | None:
    errors, total = (_field(_field(sli, "events"), key) for key in ("error_query", "total_query"))
    ratio = _field(_field(sli, "raw"), "error_ratio_query")
    if isinstance(errors, str) and isinstance(total, str):
        bad, all_ = _counts(report, f"{path}.events", errors, total)
        metrics: dict[str, Any] = {"counter": False, "bad": _metric(bad), "total": _metric(all_)}
    elif isinstance(ratio, str):
        metrics = {"counter": False, "rawType": "failure", "raw": _metric(promql.minute_window(ratio))}
    else:
        message = gettext("Only the sli kinds events and raw can be taken over from Sloth.")
        report.error(path, "sloth-sli", message)
        return None
    return {"metadata": {"name": slugged(name)}, "spec": {"ratioMetric": metrics}}


def _counts(report: Report, path: str, *queries: str) -> tuple[str, ...]:
    """(bad, all) per minute. What Sloth does for its quotient and a count does not need is taken out, and said."""
    minutes = tuple(promql.minute_window(query) for query in queries)
    honest = tuple(promql.without_pretended(query) for query in minutes)
    if honest != minutes:
        message = gettext(
            "The query pretends an event in a minute that had none (“or vector(1)”); here such a minute has no events."
        )
        report.warning(path, "sloth-pretended-event", message)
    if any(promql.has_open_subquery(query) for query in honest):
        message = gettext(
            "A subquery without a resolution, as in [1m:], counts as often as that server evaluates its rules: the "
            "ratio holds, the number of events is that server's to say."
        )
        report.warning(path, "sloth-subquery", message)
    counts = promql.as_counts(*honest)
    if counts is None:
        message = gettext("These queries give rates, not events per minute; the ratio holds, the counts do not.")
        report.warning(path, "sloth-rate", message)
    return honest if counts is None else counts


def _metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
