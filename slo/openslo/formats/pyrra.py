"""Pyrra's ServiceLevelObjective as an OpenSLO document: ratio, latency and bool_gauge.

Grouping by one label becomes a template over that label's values (`slo.openslo.formats.templating`). Pyrra knows
no services: the annotation headroom/service, or a label called service or app, names it; else the
objective's own name, with a warning.
"""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import promql
from slo.openslo.formats.annotations import FOR_EACH, PREFIX, ROWS, VALUES
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.objectives import slugged
from slo.openslo.formats.rules import VERSION
from slo.openslo.formats.scalars import is_number, resolve_number
from slo.openslo.formats.targets import is_percentage, percent

SERVICE = PREFIX + "service"
_SERVICE_LABELS = ("service", "app", "app.kubernetes.io/name", "pyrra.dev/service", "pyrra.dev/app")
# Prometheus' durations; a year and a day differ from OpenSLO's letters.
_SECONDS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:[0-9]{1,6}[ywdhms])+\Z", re.ASCII)
_PART = re.compile(r"([0-9]+)([ywdhms])", re.ASCII)
_INCREASE, _GOOD_GAUGE, _ALL_GAUGE = "increase", "sum_over_time", "count_over_time"


def is_pyrra(document: Document) -> bool:
    return document.version.startswith("pyrra.dev/") and document.kind == "ServiceLevelObjective"


def to_openslo(report: Report, document: Document) -> Document | None:
    """The SLO document; None with a finding."""
    metadata, spec = document.value.get("metadata"), document.value.get("spec")
    if not isinstance(metadata, dict) or not isinstance(spec, dict) or not slugged(document.name):
        report.error("metadata.name", "pyrra-shape", gettext("A Pyrra objective has metadata with a name, and a spec."))
        return None
    group, indicator = _indicator(report, spec.get("indicator"))
    target, days = _target(report, spec.get("target")), _days(report, spec.get("window"))
    if indicator is None or target is None or days is None or report.failed:
        return None
    name = f"{document.name}-${group}" if group else document.name
    description = spec.get("description")
    slo = {
        "description": description if isinstance(description, str) else "",
        "service": _service(report, document.name, metadata),
        "indicator": {"metadata": {"name": name}, "spec": {"ratioMetric": indicator}},
        "timeWindow": [{"duration": days, "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": target}],
    }
    head = {
        "name": name,
        "labels": _texts(metadata.get("labels"), kubernetes=False),
        "annotations": _annotations(metadata, spec, group),
    }
    ref = replace(document.ref, places=_places(spec["indicator"]))
    return Document(ref, {"apiVersion": VERSION, "kind": "SLO", "metadata": head, "spec": slo})


def _places(indicator: dict[str, Any]) -> dict[str, str]:
    """Where the parts of the translated document stand in the author's."""
    kind = next(one for one in ("ratio", "latency", "bool_gauge") if isinstance(indicator.get(one), dict))
    path = f"spec.indicator.{kind}"
    part = {"ratio": f"{path}.errors.metric", "latency": f"{path}.success.metric"}.get(kind, f"{path}.metric")
    ratio = "spec.indicator.spec.ratioMetric"
    return {
        "": "spec",
        "metadata": "metadata",
        "spec.service": "metadata.labels",
        "spec.description": "spec.description",
        "spec.objectives": "spec.target",
        "spec.timeWindow": "spec.window",
        "spec.indicator": path,
        f"{ratio}.bad": part,
        f"{ratio}.good": part,
        f"{ratio}.total": f"{path}.metric" if kind == "bool_gauge" else f"{path}.total.metric",
        f"metadata.annotations['{FOR_EACH}']": f"{path}.grouping",
        f"metadata.annotations['{VALUES}']": f"{path}.grouping",
    }


def _texts(found: Any, *, kubernetes: bool) -> dict[str, str]:
    """Texts of a mapping. Keys with a prefix are Kubernetes'; OpenSLO has them in annotations only."""
    items = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in items if isinstance(value, str) and (kubernetes or "/" not in key)}


def _annotations(metadata: dict[str, Any], spec: dict[str, Any], group: str) -> dict[str, str]:
    ours = {
        key: value
        for key, value in _texts(metadata.get("annotations"), kubernetes=True).items()
        if key.startswith(PREFIX)
    }
    alerting = spec.get("alerting")
    if isinstance(alerting, dict) and (alerting.get("disabled") is True or alerting.get("burnrates") is False):
        ours.setdefault(ROWS, "")
    if group:
        ours |= {FOR_EACH: group, VALUES: ours.get(VALUES, "*")}
    return ours


def _service(report: Report, name: str, metadata: dict[str, Any]) -> str:
    noted = _texts(metadata.get("annotations"), kubernetes=True).get(SERVICE)
    labels = _texts(metadata.get("labels"), kubernetes=True)
    found = noted or next((labels[key] for key in _SERVICE_LABELS if labels.get(key)), None)
    if not found:
        message = gettext("No service is named; “%s” is taken. The annotation headroom/service says it better.")
        report.warning("metadata", "pyrra-service", message % name)
    return found or slugged(name)


def _target(report: Report, value: Any) -> Decimal | None:
    number = resolve_number(value) if isinstance(value, str) else value
    if is_number(number):
        return percent(Decimal(number)) if is_percentage(report, "spec.target", number) else None
    report.error("spec.target", "pyrra-shape", gettext("The target is a percentage, such as “99.9”."))
    return None


def _days(report: Report, value: Any) -> str | None:
    """OpenSLO's duration: whole days where they are, else minutes."""
    if not isinstance(value, str) or not _DURATION.match(value):
        report.error("spec.window", "pyrra-shape", gettext("The window is a duration, such as 4w or 28d."))
        return None
    seconds = sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(value))
    return f"{seconds // 86_400}d" if seconds % 86_400 == 0 else f"{seconds // 60}m"


def _indicator(report: Report, indicator: Any) -> tuple[str, dict[str, Any] | None]:
    """(label to group by or "", ratioMetric)."""
    kinds = indicator if isinstance(indicator, dict) else {}
    for kind, parts in (("ratio", ("errors", "total")), ("latency", ("success", "total")), ("bool_gauge", ("",))):
        if isinstance(found := kinds.get(kind), dict):
            path = f"spec.indicator.{kind}"
            group = _group(report, path, found.get("grouping"))
            metrics = [_selector(report, path, found.get(part) if part else found) for part in parts]
            return group, None if report.failed else _ratio(kind, metrics, f'{group}="${group}"' if group else "")
    message = gettext("Only the indicators ratio, latency and bool_gauge can be taken over from Pyrra.")
    report.error("spec.indicator", "pyrra-indicator", message)
    return "", None


def _group(report: Report, path: str, grouping: Any) -> str:
    labels = grouping if isinstance(grouping, list) else []
    if len(labels) > 1 or not all(isinstance(label, str) for label in labels):
        message = gettext("Only grouping by one label can be taken over from Pyrra.")
        report.error(f"{path}.grouping", "pyrra-grouping", message)
        return ""
    return str(labels[0]) if labels else ""


def _selector(report: Report, path: str, holder: Any) -> str:
    metric = holder.get("metric") if isinstance(holder, dict) else None
    if isinstance(metric, str) and promql.is_selector(metric):
        return metric
    report.error(path, "pyrra-metric", gettext('A metric of Pyrra is a selector, such as http_requests{code="500"}.'))
    return ""


def _ratio(kind: str, metrics: list[str], matcher: str) -> dict[str, Any]:
    if kind == "bool_gauge":
        queries = {
            "good": promql.over_a_minute(_GOOD_GAUGE, metrics[0], matcher),
            "total": promql.over_a_minute(_ALL_GAUGE, metrics[0], matcher),
        }
    else:
        part, total = (promql.over_a_minute(_INCREASE, metric, matcher) for metric in metrics)
        queries = {"bad" if kind == "ratio" else "good": part, "total": total}
    sources = {
        key: {"metricSource": {"type": "Prometheus", "spec": {"query": query}}} for key, query in queries.items()
    }
    # The queries give the events of a minute already: as counters their growth would be taken once more.
    return {"counter": False, **sources}
