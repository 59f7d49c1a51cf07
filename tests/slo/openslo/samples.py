"""A valid document of each kind, and how to bend one."""

import json
from decimal import Decimal
from typing import Any

from slo.openslo.formats import DocumentRef, Finding
from slo.openslo.formats.documents import Document
from slo.openslo.formats.rules import check_document

GONE = object()
METRIC = {"metricSource": {"type": "Prometheus", "metricSourceRef": "prom", "spec": {"query": "sum(increase(x[1m]))"}}}
RATIO = {"metadata": {"name": "web-ok"}, "spec": {"ratioMetric": {"counter": False, "good": METRIC, "total": METRIC}}}
THRESHOLD = {"metadata": {"name": "web-latency"}, "spec": {"thresholdMetric": METRIC}}
CONDITION = {
    "severity": "page",
    "condition": {"kind": "burnrate", "op": "gte", "threshold": 14, "lookbackWindow": "1h", "alertAfter": "5m"},
}
INLINE_CONDITION = {"kind": "AlertCondition", "metadata": {"name": "fast"}, "spec": CONDITION}
POLICY = {"alertWhenBreaching": True, "conditions": [INLINE_CONDITION], "notificationTargets": [{"targetRef": "desk"}]}
SPECS: dict[str, dict[str, Any]] = {
    "Service": {"description": "The shop."},
    "DataSource": {"type": "Prometheus", "connectionDetails": {"url": "http://prometheus.example:9090"}},
    "SLI": RATIO["spec"],
    "SLO": {
        "description": "Requests are answered.",
        "service": "web",
        "indicator": RATIO,
        "timeWindow": [{"duration": "4w", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": Decimal("0.999")}],
        "alertPolicies": None,
    },
    "AlertPolicy": POLICY,
    "AlertCondition": CONDITION,
    "AlertNotificationTarget": {"target": "email"},
}


def a_document(kind: str = "SLO", name: str = "web-availability", /, **changes: Any) -> dict[str, Any]:
    """A valid document with `changes` by path: a_document("SLO", spec__objectives__0__target=1)."""
    document = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name}, "spec": SPECS[kind]}
    document = _copy(document)
    for path, value in changes.items():
        holder: Any = document
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        for step in steps:
            holder = holder[step]
        if value is GONE:
            del holder[last]
        else:
            holder[last] = value
    return document


def _copy(value: Any) -> Any:
    """Parts that stand in several places become parts of their own."""
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def text_of(*documents: dict[str, Any]) -> str:
    """As JSON, numbers as written."""

    class Written(float):
        def __repr__(self) -> str:
            return self.text

        text = ""

    def number(value: Any) -> Any:
        written = Written(value)
        written.text = format(value, "f")
        return written

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, list):
            return [plain(one) for one in value]
        return number(value) if isinstance(value, Decimal) else value

    return json.dumps(plain(list(documents)))


def findings_of(document: Any, mode: Any = "strict") -> list[Finding]:
    return check_document(Document(DocumentRef("test", 0), document), mode)
