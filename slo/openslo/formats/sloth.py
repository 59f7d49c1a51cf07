"""Sloth's files (`version: prometheus/v1`) and its Kubernetes kinds, as OpenSLO documents.

Sloth's queries leave their window open; ours count the events of one minute. Sloth has no window in its
files: the caller says which one its installation uses (30 days where nobody chose).
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number, resolve_number
from slo.measuring.formats.slugs import slugged
from slo.openslo.formats import promql
from slo.openslo.formats.annotations import LABELS, NAME, ROWS
from slo.openslo.formats.counting import counts_of, is_always_one
from slo.openslo.formats.documents import Document, Report, below
from slo.openslo.formats.rules import VERSION
from slo.openslo.formats.rules_metadata import is_label_key
from slo.openslo.formats.targets import is_percentage, percent

DEFAULT_WINDOW_DAYS = 30
_KINDS = ("PrometheusServiceLevel", "ManagedPrometheusServiceLevel")
_EVENTS = ("error_query", "total_query")
_PAGES, _TICKETS = ("1h", "6h"), ("1d", "3d")


def is_sloth(document: Document) -> bool:
    return isinstance(document.value, dict) and (
        document.value.get("version") == "prometheus/v1"
        or (document.version.startswith("sloth.slok.dev/") and document.kind in _KINDS)
    )


def to_openslo(report: Report, document: Document, window_days: int = DEFAULT_WINDOW_DAYS) -> list[Document]:
    """One SLO document for each of its SLOs that can be read; the others are findings."""
    kubernetes = document.value.get("version") != "prometheus/v1"
    spec = document.value.get("spec") if kubernetes else document.value
    prefix = "spec." if kubernetes else ""
    spec = spec if isinstance(spec, dict) else {}
    service, slos = spec.get("service"), spec.get("slos")
    if not isinstance(service, str) or not slugged(service):
        report.error(f"{prefix}service", "sloth-shape", gettext("A Sloth file names its service, in letters."))
    if not isinstance(slos, list):
        report.error(f"{prefix}slos", "sloth-shape", gettext("A Sloth file has a list of slos."))
    if report.failed or not isinstance(service, str) or not isinstance(slos, list):
        return []
    found = []
    for index, slo in enumerate(slos):
        path = f"{prefix}slos[{index}]"
        if value := _slo(report, path, service, spec.get("labels"), slo, window_days):
            places = _places(path, prefix, slo, spec.get("labels"))
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


def _places(path: str, prefix: str, slo: Any, shared_labels: Any) -> dict[str, str]:
    """Where the parts of the translated document stand in the author's."""
    sli = f"{path}.sli"
    written = _field(slo, "sli")
    events = {name: f"{sli}.events.{_spelled(_field(written, 'events'), name)}" for name in _EVENTS}
    raw = _spelled(_field(written, "raw"), "error_ratio_query")
    has_raw = isinstance(_field(_field(written, "raw"), "error_ratio_query"), str)
    labels = {below("metadata.labels", key): below(f"{prefix}labels", key) for key in _labels(shared_labels)}
    labels |= {below("metadata.labels", key): below(f"{path}.labels", key) for key in _labels(_field(slo, "labels"))}
    return labels | {
        "": path,
        "metadata": f"{path}.name",
        "metadata.labels": f"{path}.labels",
        "metadata.annotations": f"{path}.alerting",
        f"metadata.annotations['{LABELS}']": f"{path}.labels",
        "spec.service": f"{prefix}service",
        "spec.description": f"{path}.description",
        "spec.objectives": f"{path}.objective",
        "spec.indicator": sli,
        "spec.indicator.metadata": f"{path}.name",
        "spec.indicator.spec.ratioMetric.bad": events["error_query"],
        "spec.indicator.spec.ratioMetric.total": events["total_query"],
        "spec.indicator.spec.ratioMetric.raw": f"{sli}.raw.{raw}" if has_raw else events["error_query"],
    }


def _slo(
    report: Report, path: str, service: str, labels: Any, slo: Any, window_days: int
) -> dict[str, Any] | None:  # fmt: skip
    if not isinstance(slo, dict):
        report.error(path, "sloth-shape", gettext("An SLO of Sloth has a name, an objective in percent and an sli."))
        return None
    name, target = _name(report, path, slo), _target(report, path, slo)
    indicator = _indicator(report, f"{path}.sli", f"{service}-{name}", _field(slo, "sli")) if name else None
    if name is None or target is None or indicator is None:
        return None
    description = slo.get("description")
    spec = {
        "description": description if isinstance(description, str) else "",
        "service": slugged(service),
        "indicator": indicator,
        "timeWindow": [{"duration": f"{window_days}d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": target}],
    }
    full_name = f"{service} {name}"
    known = _labels(labels) | _labels(slo.get("labels"))
    more = {key: [value] for key, value in known.items() if not is_label_key(key)}
    annotations = {NAME: full_name} | _alerting(slo.get("alerting"))
    if more:
        annotations[LABELS] = json.dumps(more)
    metadata = {
        "name": slugged(f"{service}-{name}"),
        "displayName": full_name[:63],
        "labels": {key: value for key, value in known.items() if is_label_key(key)},
        "annotations": annotations,
    }
    return {"apiVersion": VERSION, "kind": "SLO", "metadata": metadata, "spec": spec}


def _name(report: Report, path: str, slo: dict[str, Any]) -> str | None:
    name = slo.get("name")
    if isinstance(name, str) and slugged(name):
        return name
    report.error(f"{path}.name", "sloth-shape", gettext("An SLO of Sloth has a name, in letters."))
    return None


def _target(report: Report, path: str, slo: dict[str, Any]) -> Decimal | None:
    objective = slo.get("objective")
    number = resolve_number(objective) if isinstance(objective, str) else objective
    if is_number(number):
        return percent(Decimal(number)) if is_percentage(report, f"{path}.objective", number) else None
    message = gettext("An SLO of Sloth has an objective in percent, such as 99.9.")
    report.error(f"{path}.objective", "sloth-shape", message)
    return None


def _labels(labels: Any) -> dict[str, str]:
    """Labels as texts; Sloth's files have numbers and truths among them."""
    return dict(_texts(labels.items())) if isinstance(labels, dict) else {}


def _texts(found: Any) -> Iterator[tuple[str, str]]:
    for key, value in found:
        if isinstance(value, bool):
            yield key, "true" if value else "false"
        elif isinstance(value, str) or is_number(value):
            yield key, str(value)


def _alerting(alerting: Any) -> dict[str, str]:
    """Sloth's two alerts are two rows each; what is disabled there stays so here."""
    pages = _field(_field(alerting, "page_alert"), "disable") is not True
    tickets = _field(_field(alerting, "ticket_alert"), "disable") is not True
    if pages and tickets:
        return {}
    return {ROWS: ",".join((_PAGES if pages else ()) + (_TICKETS if tickets else ()))}


def _indicator(report: Report, path: str, name: str, sli: Any) -> dict[str, Any] | None:
    errors, total = (_field(_field(sli, "events"), key) for key in _EVENTS)
    ratio = _field(_field(sli, "raw"), "error_ratio_query")
    if isinstance(errors, str) and isinstance(total, str) and is_always_one(promql.minute_window(total)):
        message = gettext(
            "The total is one whatever happens, so the error query gives a share: each minute counts alike, whatever "
            "its traffic."
        )
        report.warning(f"{path}.events.{_spelled(_field(sli, 'events'), 'total_query')}", "sloth-share", message)
        metrics = _raw(errors)
    elif isinstance(errors, str) and isinstance(total, str):
        bad, all_ = counts_of(report, f"{path}.events", errors, total)
        metrics = {"counter": False, "bad": _metric(bad), "total": _metric(all_)}
    elif isinstance(ratio, str):
        metrics = _raw(ratio)
    else:
        message = gettext("Only the sli kinds events and raw can be taken over from Sloth.")
        report.error(path, "sloth-sli", message)
        return None
    return {"metadata": {"name": slugged(name)}, "spec": {"ratioMetric": metrics}}


def _raw(query: str) -> dict[str, Any]:
    return {"counter": False, "rawType": "failure", "raw": _metric(promql.minute_window(query))}


def _metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
