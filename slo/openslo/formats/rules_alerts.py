"""AlertPolicy, AlertCondition, AlertNotificationTarget: alone, or inside of an SLO or a policy."""

from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import shapes
from slo.openslo.formats.documents import Report, below
from slo.openslo.formats.rules_metadata import METADATA
from slo.openslo.formats.shapes import DESCRIPTION, OPERATOR, Check, record, sequence


def by_reference_or_inline(reference: str, kind: str, spec: Check) -> Check:
    """Either {reference: name} or {kind, metadata, spec}."""
    inline = record(
        {"kind": shapes.one_of(kind), "metadata": METADATA, "spec": spec}, required=("kind", "metadata", "spec")
    )
    referring = record({reference: shapes.dns_label}, required=(reference,))

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            return shapes.free_mapping(report, path, value)
        inlined = bool({"kind", "metadata", "spec"} & set(value))
        if inlined and reference in value:
            message = gettext("Give either %(reference)s or kind, metadata and spec, not both.")
            report.error(path, "exclusive", message % {"reference": reference})
        elif inlined:
            inline(report, path, value)
        else:
            referring(report, path, value)

    return check


def _counted(report: Report, path: str, value: Any) -> None:
    conditions, targets = value.get("conditions"), value.get("notificationTargets")
    if not isinstance(conditions, list | None) or len(conditions or ()) != 1:
        report.error(below(path, "conditions"), "condition-count", gettext("A policy has exactly one condition."))
    if not isinstance(targets, list | None) or len(targets or ()) < 1:
        message = gettext("A policy has at least one notification target.")
        report.error(below(path, "notificationTargets"), "target-count", message)


_CONDITION = record(
    {
        "kind": shapes.one_of("burnrate"),
        "op": OPERATOR,
        "threshold": shapes.number(),
        "lookbackWindow": shapes.duration,
        "alertAfter": shapes.optional(shapes.duration),
    },
    required=("kind", "op", "threshold", "lookbackWindow"),
)
ALERT_CONDITION_SPEC = record(
    {"description": DESCRIPTION, "severity": shapes.text, "condition": _CONDITION}, required=("severity", "condition")
)
ALERT_TARGET_SPEC = record({"description": DESCRIPTION, "target": shapes.text}, required=("target",))
ALERT_POLICY_SPEC = record(
    {
        "description": DESCRIPTION,
        "alertWhenNoData": shapes.boolean,
        "alertWhenBreaching": shapes.boolean,
        "alertWhenResolved": shapes.boolean,
        "conditions": sequence(by_reference_or_inline("conditionRef", "AlertCondition", ALERT_CONDITION_SPEC)),
        "notificationTargets": sequence(
            by_reference_or_inline("targetRef", "AlertNotificationTarget", ALERT_TARGET_SPEC)
        ),
    },
    rules=(_counted,),
)
