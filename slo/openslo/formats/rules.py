"""The specification's rules for one document, as the official tools enforce them; no limits of ours.

Mode "lenient" turns into warnings what the specification's own examples do or its text allows, and the
official tools refuse: a slice length as a number, no time window, long display names, prefixes of label keys.
What they accept although it means nothing (op and value beside a ratio) is a warning in both modes.
"""

from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import shapes
from slo.openslo.formats.definitions import Finding, Mode
from slo.openslo.formats.documents import Document, Report, below
from slo.openslo.formats.rules_alerts import ALERT_CONDITION_SPEC, ALERT_POLICY_SPEC, ALERT_TARGET_SPEC
from slo.openslo.formats.rules_metadata import METADATA
from slo.openslo.formats.rules_sli import SLI_SPEC
from slo.openslo.formats.rules_slo import SLO_SPEC
from slo.openslo.formats.shapes import DESCRIPTION, Check, record

VERSION = "openslo/v1"


def _connection_given(report: Report, path: str, value: Any) -> None:
    if value.get("connectionDetails") is None:
        field = below(path, "connectionDetails")
        report.error(field, "required", gettext("“%s” has to be given.") % "connectionDetails")


SERVICE_SPEC = record({"description": DESCRIPTION})
DATA_SOURCE_SPEC = record(
    {"description": DESCRIPTION, "type": shapes.text, "connectionDetails": shapes.anything},
    required=("type",),
    rules=(_connection_given,),
)


def _kind(spec: Check, *, spec_required: bool = True) -> Check:
    fields = {"apiVersion": shapes.text, "kind": shapes.text, "metadata": METADATA, "spec": spec}
    return record(fields, required=("metadata", "spec") if spec_required else ("metadata",))


KINDS: dict[str, Check] = {
    "Service": _kind(SERVICE_SPEC, spec_required=False),
    "DataSource": _kind(DATA_SOURCE_SPEC),
    "SLI": _kind(SLI_SPEC),
    "SLO": _kind(SLO_SPEC),
    "AlertPolicy": _kind(ALERT_POLICY_SPEC),
    "AlertCondition": _kind(ALERT_CONDITION_SPEC),
    "AlertNotificationTarget": _kind(ALERT_TARGET_SPEC),
}


def check_document(document: Document, mode: Mode = "strict") -> list[Finding]:
    """What the document breaks; nothing for a valid one. Only errors make it invalid."""
    report = Report.of(document, mode)
    if not isinstance(document.value, dict):
        report.error("", "wrong-type", gettext("A document has to be a mapping with apiVersion, kind, metadata, spec."))
    elif _is_ours(report, document):
        KINDS[document.kind](report, "", document.value)
    return report.findings


def _is_ours(report: Report, document: Document) -> bool:
    version, kind = document.value.get("apiVersion"), document.value.get("kind")
    if version is None:
        report.error("apiVersion", "required", gettext("“%s” has to be given.") % "apiVersion")
    elif version != VERSION:
        message = gettext("The version has to be %(ours)s, not “%(other)s”.")
        report.error("apiVersion", "unsupported-version", message % {"ours": VERSION, "other": str(version)[:80]})
    elif kind is None:
        report.error("kind", "required", gettext("“%s” has to be given.") % "kind")
    elif not isinstance(kind, str) or kind not in KINDS:
        report.error("kind", "unknown-kind", gettext("The kind has to be one of: %s.") % ", ".join(KINDS))
    else:
        return True
    return False
