"""References written out: every SLO gets its indicator, alert policies, conditions and targets inline.

Names are looked up across all documents of all files. A name given to two things and a reference to nothing are
errors of this step alone; a document by itself may well refer to what another import brings. `service`
is not looked up: services live in the catalog as well.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats.definitions import Finding, Mode
from slo.openslo.formats.documents import Document, Report

# What is referred to stands first, so that it is whole when others take it over.
_ORDER = (
    "DataSource", "AlertCondition", "AlertNotificationTarget", "AlertPolicy", "SLI", "Service", "SLO",
)  # fmt: skip


def resolve(
    documents: Iterable[Document], mode: Mode = "strict", known_sources: Collection[str] = ()
) -> tuple[list[Document], list[Finding]]:
    """Valid documents in, resolved ones out (in `_ORDER`, then as given); those with findings are left out."""
    library = _Library(known_sources)
    resolved, findings = [], []
    for document in sorted(documents, key=lambda one: _ORDER.index(one.kind)):
        report = Report.of(document, mode)
        if library.is_said_already(report, document):
            findings += report.findings
            continue
        library.check_name(report, document)
        spec = document.value.get("spec") or {}
        whole = replace(document, value={**document.value, "spec": _whole(library, report, document.kind, spec)})
        findings += report.findings
        if not report.failed:
            library.add(whole)
            resolved.append(whole)
    return resolved, findings


class _Library:
    """Resolved documents by kind and name."""

    def __init__(self, known_sources: Collection[str]) -> None:
        self.known_sources = known_sources
        self.named: dict[tuple[str, str], Document] = {}
        self.first: dict[tuple[str, str], Document] = {}

    def is_said_already(self, report: Report, document: Document) -> bool:
        """Whether another document says the very same, as copies of one file in two formats do: once is enough."""
        first = self.first.get((document.kind, document.name))
        if first is None or first.value != document.value:
            return False
        message = gettext("This says the same as %(place)s, and counts once.")
        report.warning("metadata.name", "said-twice", message % {"place": first.ref})
        return True

    def check_name(self, report: Report, document: Document) -> None:
        first = self.first.setdefault((document.kind, document.name), document)
        if first is not document:
            message = gettext("There is already a %(kind)s called “%(name)s”, in %(place)s.")
            words = {"kind": document.kind, "name": document.name, "place": first.ref}
            report.error("metadata.name", "duplicate-name", message % words)

    def add(self, document: Document) -> None:
        self.named[document.kind, document.name] = document

    def find(self, report: Report, path: str, kind: str, name: str) -> dict[str, Any] | None:
        if found := self.named.get((kind, name)):
            value: dict[str, Any] = found.value
            return value
        message = gettext("There is no %(kind)s called “%(name)s” in these files, or it has errors.")
        report.error(path, "dangling-reference", message % {"kind": kind, "name": name[:80]})
        return None


def _whole(library: _Library, report: Report, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "SLO":
            return _slo(library, report, spec)
        case "SLI":
            return _sli(library, report, "spec", spec)
        case "AlertPolicy":
            return _alert_policy(library, report, "spec", spec)
    return spec


def _slo(library: _Library, report: Report, spec: dict[str, Any]) -> dict[str, Any]:
    whole = _with_indicator(library, report, "spec", spec)
    whole["objectives"] = [
        _with_indicator(library, report, f"spec.objectives[{index}]", one)
        for index, one in enumerate(spec.get("objectives") or [])
    ]
    whole["alertPolicies"] = [
        _inline(library, report, f"spec.alertPolicies[{index}]", one, "AlertPolicy", "alertPolicyRef")
        for index, one in enumerate(spec.get("alertPolicies") or [])
    ]
    return whole


def _with_indicator(library: _Library, report: Report, path: str, holder: dict[str, Any]) -> dict[str, Any]:
    """The SLO's spec or an objective, its indicator written out."""
    whole = dict(holder)
    if (name := whole.pop("indicatorRef", None)) is not None:
        if found := library.find(report, f"{path}.indicatorRef", "SLI", name):
            whole["indicator"] = {"metadata": found["metadata"], "spec": found["spec"]}
    elif inline := holder.get("indicator"):
        whole["indicator"] = {**inline, "spec": _sli(library, report, f"{path}.indicator.spec", inline["spec"])}
    return whole


def _sli(library: _Library, report: Report, path: str, spec: dict[str, Any]) -> dict[str, Any]:
    whole = dict(spec)
    if metric := spec.get("thresholdMetric"):
        whole["thresholdMetric"] = _metric(library, report, f"{path}.thresholdMetric", metric)
    if ratio := spec.get("ratioMetric"):
        parts = {
            key: _metric(library, report, f"{path}.ratioMetric.{key}", ratio[key])
            for key in ("good", "bad", "total", "raw")
            if ratio.get(key)
        }
        whole["ratioMetric"] = {**ratio, **parts}
    return whole


def _metric(library: _Library, report: Report, path: str, metric: dict[str, Any]) -> dict[str, Any]:
    """A metric without a type takes that of its data source."""
    source = metric["metricSource"]
    name = source.get("metricSourceRef")
    if not name:
        return metric
    if ("DataSource", name) not in library.named and name in library.known_sources:
        return {**metric, "metricSource": {**source, "type": source.get("type") or "Prometheus"}}
    found = library.find(report, f"{path}.metricSource.metricSourceRef", "DataSource", name)
    if not found or source.get("type"):
        return metric
    return {**metric, "metricSource": {**source, "type": found["spec"]["type"]}}


def _alert_policy(library: _Library, report: Report, path: str, spec: dict[str, Any]) -> dict[str, Any]:
    conditions = [
        _inline(library, report, f"{path}.conditions[{index}]", one, "AlertCondition", "conditionRef")
        for index, one in enumerate(spec.get("conditions") or [])
    ]
    targets = [
        _inline(library, report, f"{path}.notificationTargets[{index}]", one, "AlertNotificationTarget", "targetRef")
        for index, one in enumerate(spec.get("notificationTargets") or [])
    ]
    return {**spec, "conditions": conditions, "notificationTargets": targets}


def _inline(
    library: _Library, report: Report, path: str, value: dict[str, Any], kind: str, reference: str
) -> dict[str, Any]:
    if reference in value:
        found = library.find(report, f"{path}.{reference}", kind, value[reference])
        return {key: found[key] for key in ("kind", "metadata", "spec")} if found else value
    return {**value, "spec": _whole(library, report, kind, value["spec"])}
