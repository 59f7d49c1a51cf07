"""Pyrra's ServiceLevelObjective as OpenSLO documents: one, or one for each group of its series.

Pyrra knows no services: the annotation headroom/service, or a label called service or app, names it; else the
objective's own name, with a warning.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number, resolve_number
from slo.measuring.formats.slugs import slugged
from slo.openslo.formats.annotations import PREFIX, ROWS, VALUES
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.grouping import Group, GroupsOf, groups, labels_of, matchers_of, names_of
from slo.openslo.formats.pyrra_indicators import MILLISECONDS, Indicator, indicator_of, milliseconds
from slo.openslo.formats.rules import VERSION
from slo.openslo.formats.targets import is_percentage, percent

SERVICE = PREFIX + "service"
_SERVICE_LABELS = ("service", "app", "app.kubernetes.io/name", "pyrra.dev/service", "pyrra.dev/app")
# A list in the annotation headroom/values asks for what the source has, as no list does.
_ALL = "*"


def is_pyrra(document: Document) -> bool:
    return document.version.startswith("pyrra.dev/") and document.kind == "ServiceLevelObjective"


def to_openslo(report: Report, document: Document, groups_of: GroupsOf | None = None) -> list[Document]:
    """The SLO documents; none with a finding. `groups_of` says which groups the series of a metric have."""
    metadata, spec = document.value.get("metadata"), document.value.get("spec")
    if not isinstance(metadata, dict) or not isinstance(spec, dict) or not slugged(document.name):
        report.error("metadata.name", "pyrra-shape", gettext("A Pyrra objective has metadata with a name, and a spec."))
        return []
    indicator = indicator_of(report, spec)
    target, days = _target(report, spec.get("target")), _days(report, spec.get("window"))
    if indicator is None or target is None or days is None:
        return []
    path = f"{indicator.path}.grouping"
    labels = labels_of(report, path, indicator.grouping)
    said = _texts(metadata.get("annotations"), kubernetes=True).get(VALUES)
    found = groups(report, path, labels, indicator.total, None if said == _ALL else said, groups_of)
    if report.failed:
        return []
    service = _service(report, document.name, metadata)
    ref = replace(document.ref, places=_places(indicator))
    return [
        Document(ref, _slo(name, service, indicator, matchers_of(labels, group), target, days, metadata, spec))
        for name, group in _named(document.name, found)
    ]


def _named(name: str, found: Sequence[Group]) -> list[tuple[str, Group]]:
    return list(zip(names_of(name, found), found, strict=True))


def _slo(
    name: str, service: str, indicator: Indicator, matchers: str, target: Decimal, days: str,
    metadata: dict[str, Any], spec: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    description = spec.get("description")
    # The queries give the events of a minute already: as counters their growth would be taken once more.
    ratio: dict[str, Any] = {"counter": False}
    for field, query in indicator.queries(matchers).items():
        ratio[field] = {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
    said = [description] if isinstance(description, str) and description else []
    promise = {
        "description": "\n".join([*said, *([matchers] if matchers else [])])[:1050],
        "service": service,
        "indicator": {"metadata": {"name": name}, "spec": {"ratioMetric": ratio}},
        "timeWindow": [{"duration": days, "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": target}],
    }
    head = {
        "name": name,
        "labels": _texts(metadata.get("labels"), kubernetes=False),
        "annotations": _annotations(metadata, spec),
    }
    return {"apiVersion": VERSION, "kind": "SLO", "metadata": head, "spec": promise}


def _places(indicator: Indicator) -> dict[str, str]:
    """Where the parts of the translated document stand in the author's."""
    ratio = "spec.indicator.spec.ratioMetric"
    return {
        "": "spec",
        "metadata": "metadata",
        "spec.service": "metadata.labels",
        "spec.description": "spec.description",
        "spec.objectives": "spec.target",
        "spec.timeWindow": "spec.window",
        "spec.indicator": indicator.path,
        **{f"{ratio}.{field}": path for field, path in indicator.fields.items()},
    }


def _texts(found: Any, *, kubernetes: bool) -> dict[str, str]:
    """Texts of a mapping. Keys with a prefix are Kubernetes'; OpenSLO has them in annotations only."""
    items = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in items if isinstance(value, str) and (kubernetes or "/" not in key)}


def _annotations(metadata: dict[str, Any], spec: dict[str, Any]) -> dict[str, str]:
    ours = {
        key: value
        for key, value in _texts(metadata.get("annotations"), kubernetes=True).items()
        if key.startswith(PREFIX) and key != VALUES
    }
    alerting = spec.get("alerting")
    if isinstance(alerting, dict) and (alerting.get("disabled") is True or alerting.get("burnrates") is False):
        ours.setdefault(ROWS, "")
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
    length = milliseconds(value)
    if length is None:
        report.error("spec.window", "pyrra-shape", gettext("The window is a duration, such as 4w or 28d."))
        return None
    days, rest = divmod(length, MILLISECONDS["d"])
    return f"{length // MILLISECONDS['m']}m" if rest else f"{days}d"
