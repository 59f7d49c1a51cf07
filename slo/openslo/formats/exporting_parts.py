"""Parts of exported documents: metadata, and indicators with their metrics."""

from typing import Any

from slo.openslo.formats import annotations as words
from slo.openslo.formats.definitions import IndicatorDefinition
from slo.openslo.formats.indicators import SENT

_LONGEST_NAME, _LONGEST_DESCRIPTION = 63, 1050


def metadata(
    slug: str,
    name: str,
    description: str,
    labels: dict[str, list[str]] | None = None,
    annotations: dict[str, str] | None = None,
) -> dict[str, Any]:
    """What is longer than its field stands whole in an annotation, and shortened in the field."""
    noted = dict(annotations or {})
    if len(name) > _LONGEST_NAME:
        noted[words.NAME] = name
    if len(description) > _LONGEST_DESCRIPTION:
        noted[words.DESCRIPTION] = description
    found: dict[str, Any] = {"name": slug}
    if name != slug:
        found["displayName"] = name[:_LONGEST_NAME]
    if labels:
        found["labels"] = {key: found[0] if len(found) == 1 else found for key, found in labels.items()}
    if noted:
        found["annotations"] = noted
    return found


def described(description: str, **fields: Any) -> dict[str, Any]:
    return {"description": description[:_LONGEST_DESCRIPTION], **fields} if description else fields


def comparison(indicator: IndicatorDefinition | None) -> dict[str, Any]:
    if indicator is None or indicator.threshold is None:
        return {}
    return {"op": indicator.op, "value": indicator.threshold}


def indicator_document(indicator: IndicatorDefinition) -> dict[str, Any]:
    noted = {} if indicator.step_minutes == 1 else {words.STEP_MINUTES: str(indicator.step_minutes)}
    noted |= {words.CHECKED: "true"} if indicator.checked else {}
    about = metadata(indicator.slug, indicator.name, indicator.description, annotations=noted)
    return {"metadata": about, "spec": described(indicator.description, **_metrics(indicator))}


def _metrics(indicator: IndicatorDefinition) -> dict[str, Any]:
    if indicator.kind == "threshold":
        return {"thresholdMetric": _metric(indicator, indicator.value_query)}
    if indicator.kind == "raw":
        raw = {"rawType": "success", "raw": _metric(indicator, indicator.value_query)}
        return {"ratioMetric": {"counter": indicator.counter, **raw}}
    part = "bad" if indicator.bad_query else "good"
    metrics = {
        part: _metric(indicator, indicator.bad_query or indicator.good_query),
        "total": _metric(indicator, indicator.total_query),
    }
    return {"ratioMetric": {"counter": indicator.counter, **metrics}}


def _metric(indicator: IndicatorDefinition, query: str) -> dict[str, Any]:
    reference = {"metricSourceRef": indicator.data_source} if indicator.data_source else {}
    if indicator.source == "push":
        # A metric needs something in its spec; for what is sent, its name says where to.
        return {"metricSource": {**reference, "type": SENT, "spec": {"indicator": indicator.slug}}}
    return {"metricSource": {**reference, "type": "Prometheus", "spec": {"query": query}}}
