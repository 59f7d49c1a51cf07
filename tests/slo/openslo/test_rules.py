"""One case for every rule: what is changed in a valid document, and what is said in each mode."""

from decimal import Decimal
from typing import Any

import pytest

from slo.openslo.formats.definitions import Mode
from tests.slo.openslo.samples import CONDITION, GONE, METRIC, RATIO, SPECS, THRESHOLD, a_document, findings_of

D = Decimal
BAD, WARNS = "error", "warning"
THRESHOLD_SLO = {"spec__indicator": THRESHOLD}
REF_SLO = {"spec__indicator": GONE, "spec__indicatorRef": "web-ok"}
MEMBER = {"indicator": RATIO, "target": D("0.9"), "compositeWeight": 1}
SLICES = {"spec__budgetingMethod": "Timeslices"}
SLICE = {"target": D("0.9"), "timeSliceTarget": D("0.95"), "timeSliceWindow": "1m"}
RATIOS = {"spec__budgetingMethod": "RatioTimeslices"}
CALENDAR = {"startTime": "2022-01-01 12:00:00", "timeZone": "Europe/Paris"}
TARGET = {"kind": "AlertNotificationTarget", "metadata": {"name": "desk"}, "spec": {"target": "email"}}


def window(**fields: Any) -> dict[str, Any]:
    return {"spec__timeWindow": [fields]}


def only(**fields: Any) -> dict[str, Any]:
    return {"spec__objectives": [fields]}


# kind, what changes, path, rule, severity in lenient mode
CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    # The envelope
    ("SLO", {"apiVersion": "openslo/v1alpha"}, "apiVersion", "unsupported-version", BAD),
    ("SLO", {"apiVersion": "openslo.com/v2alpha"}, "apiVersion", "unsupported-version", BAD),
    ("SLO", {"apiVersion": 1}, "apiVersion", "unsupported-version", BAD),
    ("SLO", {"apiVersion": GONE}, "apiVersion", "required", BAD),
    ("SLO", {"kind": "Slo"}, "kind", "unknown-kind", BAD),
    ("SLO", {"kind": ["SLO"]}, "kind", "unknown-kind", BAD),
    ("SLO", {"kind": GONE}, "kind", "required", BAD),
    ("SLO", {"status": {}}, "status", "unknown-field", BAD),
    ("SLO", {"spec": GONE}, "spec", "required", BAD),
    ("SLO", {"spec": []}, "spec", "wrong-type", BAD),
    ("SLO", {"metadata": GONE}, "metadata", "required", BAD),
    ("SLO", {"metadata__name": ""}, "metadata.name", "required", BAD),
    ("SLO", {"metadata__name": "Web"}, "metadata.name", "dns-label", BAD),
    ("SLO", {"metadata__name": "a" * 64}, "metadata.name", "dns-label", BAD),
    ("SLO", {"metadata__name": "web\n"}, "metadata.name", "dns-label", BAD),
    ("SLO", {"metadata__name": 7}, "metadata.name", "wrong-type", BAD),
    ("SLO", {"metadata__displayName": "x" * 64}, "metadata.displayName", "too-long", WARNS),
    ("SLO", {"metadata__labels": {"-x": "y"}}, "metadata.labels.-x", "label-key", BAD),
    ("SLO", {"metadata__labels": {"k" * 64: "y"}}, "metadata.labels." + "k" * 64, "label-key", BAD),
    ("SLO", {"metadata__labels": {"a.b/c": "y"}}, "metadata.labels['a.b/c']", "label-key", WARNS),
    ("SLO", {"metadata__labels": {"x": 5}}, "metadata.labels.x", "wrong-type", BAD),
    ("SLO", {"metadata__labels": {"x": ["a", 5]}}, "metadata.labels.x", "wrong-type", BAD),
    ("SLO", {"metadata__labels": ["x"]}, "metadata.labels", "wrong-type", BAD),
    ("SLO", {"metadata__annotations": {"a b": "y"}}, "metadata.annotations['a b']", "annotation-key", BAD),
    ("SLO", {"metadata__annotations": {"A/b": "y"}}, "metadata.annotations['A/b']", "annotation-key", BAD),
    ("SLO", {"metadata__annotations": {"k": True}}, "metadata.annotations.k", "wrong-type", BAD),
    # Service, DataSource, SLI
    ("Service", {"spec__description": "x" * 1051}, "spec.description", "too-long", BAD),
    ("Service", {"spec__owner": "x"}, "spec.owner", "unknown-field", BAD),
    ("DataSource", {"spec__type": GONE}, "spec.type", "required", BAD),
    ("DataSource", {"spec__connectionDetails": GONE}, "spec.connectionDetails", "required", BAD),
    ("SLI", {"spec__thresholdMetric": METRIC}, "spec", "exclusive", BAD),
    ("SLI", {"spec__ratioMetric": GONE, "spec__description": "x"}, "spec", "exclusive", BAD),
    ("SLI", {"spec__ratioMetric__bad": METRIC}, "spec.ratioMetric", "exclusive", BAD),
    ("SLI", {"spec__ratioMetric__good": GONE}, "spec.ratioMetric", "exclusive", BAD),
    ("SLI", {"spec__ratioMetric__total": GONE}, "spec.ratioMetric", "exclusive", BAD),
    (
        "SLI",
        {"spec__ratioMetric": {"raw": METRIC, "total": METRIC, "rawType": "success"}},
        "spec.ratioMetric",
        "exclusive",
        BAD,
    ),
    ("SLI", {"spec__ratioMetric": {"raw": METRIC}}, "spec.ratioMetric.rawType", "required", BAD),
    ("SLI", {"spec__ratioMetric": {"raw": METRIC, "rawType": "x"}}, "spec.ratioMetric.rawType", "one-of", BAD),
    ("SLI", {"spec__ratioMetric__counter": "yes"}, "spec.ratioMetric.counter", "wrong-type", BAD),
    ("SLI", {"spec__ratioMetric__good": {}}, "spec.ratioMetric.good.metricSource", "required", BAD),
    (
        "SLI",
        {"spec__ratioMetric__good__metricSource__spec": {}},
        "spec.ratioMetric.good.metricSource.spec",
        "required",
        BAD,
    ),
    (
        "SLI",
        {"spec__ratioMetric__good__metricSource__metricSourceRef": "A b"},
        "spec.ratioMetric.good.metricSource.metricSourceRef",
        "dns-label",
        BAD,
    ),
    # SLO
    ("SLO", {"spec__description": "x" * 1051}, "spec.description", "too-long", BAD),
    ("SLO", {"spec__service": GONE}, "spec.service", "required", BAD),
    ("SLO", {"spec__indicatorRef": "other"}, "spec", "exclusive", BAD),
    ("SLO", {**REF_SLO, "spec__indicatorRef": "A b"}, "spec.indicatorRef", "dns-label", BAD),
    ("SLO", {"spec__indicator": GONE}, "spec", "indicator-place", BAD),
    ("SLO", {"spec__objectives": [MEMBER]}, "spec", "indicator-place", BAD),
    ("SLO", {"spec__indicator__kind": "SLI"}, "spec.indicator.kind", "unknown-field", BAD),
    ("SLO", {"spec__budgetingMethod": GONE}, "spec.budgetingMethod", "required", BAD),
    ("SLO", {"spec__budgetingMethod": "occurrences"}, "spec.budgetingMethod", "one-of", BAD),
    ("SLO", {"spec__budgetingMethod": {}, "spec__service": "x"}, "spec.budgetingMethod", "required", BAD),
    ("SLO", {"spec__timeWindow": GONE}, "spec.timeWindow", "time-window-count", WARNS),
    ("SLO", {"spec__timeWindow": []}, "spec.timeWindow", "time-window-count", WARNS),
    ("SLO", {"spec__timeWindow": SPECS["SLO"]["timeWindow"] * 2}, "spec.timeWindow", "time-window-count", BAD),
    ("SLO", window(duration="4w", isRolling=True, calendar=CALENDAR), "spec.timeWindow[0]", "calendar-forbidden", BAD),
    ("SLO", window(duration="1w", isRolling=False), "spec.timeWindow[0]", "calendar-required", BAD),
    ("SLO", window(duration="1w"), "spec.timeWindow[0]", "calendar-required", BAD),
    ("SLO", window(isRolling=True), "spec.timeWindow[0].duration", "required", BAD),
    ("SLO", window(isRolling=True, duration="4W"), "spec.timeWindow[0].duration", "duration", BAD),
    ("SLO", window(isRolling=True, duration="-4w"), "spec.timeWindow[0].duration", "duration", BAD),
    ("SLO", window(isRolling=True, duration="4 w"), "spec.timeWindow[0].duration", "duration", BAD),
    (
        "SLO",
        window(duration="1w", calendar={**CALENDAR, "startTime": "2022-01-01"}),
        "spec.timeWindow[0].calendar.startTime",
        "date-time",
        BAD,
    ),
    (
        "SLO",
        window(duration="1w", calendar={**CALENDAR, "startTime": "2022-02-30 12:00:00"}),
        "spec.timeWindow[0].calendar.startTime",
        "date-time",
        BAD,
    ),
    (
        "SLO",
        window(duration="1w", calendar={**CALENDAR, "startTime": 5}),
        "spec.timeWindow[0].calendar.startTime",
        "date-time",
        BAD,
    ),
    (
        "SLO",
        window(duration="1w", calendar={**CALENDAR, "timeZone": "Mars/Olympus"}),
        "spec.timeWindow[0].calendar.timeZone",
        "time-zone",
        BAD,
    ),
    (
        "SLO",
        {"spec__alertPolicies": 5},
        "spec.alertPolicies",
        "wrong-type",
        BAD,
    ),
    ("SLO", only(target=1), "spec.objectives[0].target", "out-of-range", BAD),
    ("SLO", only(target=D("-0.1")), "spec.objectives[0].target", "out-of-range", BAD),
    ("SLO", only(target="0.9"), "spec.objectives[0].target", "wrong-type", BAD),
    ("SLO", only(target=True), "spec.objectives[0].target", "wrong-type", BAD),
    ("SLO", only(targetPercent=100), "spec.objectives[0].targetPercent", "out-of-range", BAD),
    ("SLO", only(target=D("0.9"), targetPercent=90), "spec.objectives[0]", "exclusive", BAD),
    ("SLO", only(displayName="x"), "spec.objectives[0]", "exclusive", BAD),
    ("SLO", only(target=D("0.9"), weight=3), "spec.objectives[0].weight", "unknown-field", BAD),
    (
        "SLO",
        SLICES | only(target=D("0.9"), timeSliceWindow="1m"),
        "spec.objectives[0].timeSliceTarget",
        "required",
        BAD,
    ),
    ("SLO", SLICES | only(target=D("0.9"), timeSliceTarget=1), "spec.objectives[0].timeSliceWindow", "required", BAD),
    (
        "SLO",
        SLICES | only(**{**SLICE, "timeSliceTarget": 0}),
        "spec.objectives[0].timeSliceTarget",
        "out-of-range",
        BAD,
    ),
    (
        "SLO",
        SLICES | only(**{**SLICE, "timeSliceTarget": D("1.1")}),
        "spec.objectives[0].timeSliceTarget",
        "out-of-range",
        BAD,
    ),
    ("SLO", RATIOS | only(target=D("0.9")), "spec.objectives[0].timeSliceWindow", "required", BAD),
    (
        "SLO",
        RATIOS | only(target=D("0.9"), timeSliceWindow=5),
        "spec.objectives[0].timeSliceWindow",
        "duration-number",
        WARNS,
    ),
    ("SLO", RATIOS | only(target=D("0.9"), timeSliceWindow="5"), "spec.objectives[0].timeSliceWindow", "duration", BAD),
    ("SLO", THRESHOLD_SLO | only(target=D("0.9"), value=5), "spec.objectives[0].op", "required", BAD),
    ("SLO", THRESHOLD_SLO | only(target=D("0.9"), op="lt"), "spec.objectives[0].value", "required", BAD),
    ("SLO", THRESHOLD_SLO | only(target=D("0.9"), op="=", value=5), "spec.objectives[0].op", "one-of", BAD),
    (
        "SLO",
        {"spec__indicator": GONE, "spec__objectives": [{**MEMBER, "compositeWeight": 0}]},
        "spec.objectives[0].compositeWeight",
        "out-of-range",
        BAD,
    ),
    (
        "SLO",
        {"spec__indicator": GONE, "spec__objectives": [{**MEMBER, "indicatorRef": "x"}]},
        "spec.objectives[0]",
        "exclusive",
        BAD,
    ),
    # Alerting
    ("SLO", {"spec__alertPolicies": [{}]}, "spec.alertPolicies[0].alertPolicyRef", "required", BAD),
    ("SLO", {"spec__alertPolicies": [{"alertPolicyRef": "a", "spec": {}}]}, "spec.alertPolicies[0]", "exclusive", BAD),
    (
        "SLO",
        {"spec__alertPolicies": [{"kind": "SLO", "metadata": {"name": "a"}, "spec": SPECS["AlertPolicy"]}]},
        "spec.alertPolicies[0].kind",
        "one-of",
        BAD,
    ),
    ("AlertPolicy", {"spec__conditions": []}, "spec.conditions", "condition-count", BAD),
    ("AlertPolicy", {"spec__conditions": [{"conditionRef": "a"}] * 2}, "spec.conditions", "condition-count", BAD),
    (
        "AlertPolicy",
        {"spec__conditions": [{"conditionRef": "A b"}]},
        "spec.conditions[0].conditionRef",
        "dns-label",
        BAD,
    ),
    ("AlertPolicy", {"spec__notificationTargets": None}, "spec.notificationTargets", "target-count", BAD),
    (
        "AlertPolicy",
        {"spec__notificationTargets": [{**TARGET, "spec": {"target": ""}}]},
        "spec.notificationTargets[0].spec.target",
        "required",
        BAD,
    ),
    ("AlertPolicy", {"spec__alertWhenNoData": "true"}, "spec.alertWhenNoData", "wrong-type", BAD),
    ("AlertCondition", {"spec__severity": GONE}, "spec.severity", "required", BAD),
    ("AlertCondition", {"spec__condition": GONE}, "spec.condition", "required", BAD),
    ("AlertCondition", {"spec__condition__kind": "static"}, "spec.condition.kind", "one-of", BAD),
    ("AlertCondition", {"spec__condition__op": "eq"}, "spec.condition.op", "one-of", BAD),
    ("AlertCondition", {"spec__condition__threshold": None}, "spec.condition.threshold", "required", BAD),
    ("AlertCondition", {"spec__condition__lookbackWindow": "1"}, "spec.condition.lookbackWindow", "duration", BAD),
    ("AlertCondition", {"spec__condition__alertAfter": "soon"}, "spec.condition.alertAfter", "duration", BAD),
    ("AlertNotificationTarget", {"spec__target": GONE, "spec__description": "x"}, "spec.target", "required", BAD),
]


@pytest.mark.parametrize(("kind", "changes", "path", "rule", "lenient"), CASES)
def test_what_breaks_a_rule(kind: str, changes: dict[str, Any], path: str, rule: str, lenient: str) -> None:
    document = a_document(kind, **changes)
    for mode, severity in (("strict", BAD), ("lenient", lenient)):
        [found] = findings_of(document, mode)
        assert (found.path, found.rule, found.severity) == (path, rule, severity)
        assert found.message[0].isupper() or found.message[0] == "“"
        assert found.message[-1] == "."


@pytest.mark.parametrize("mode", ["strict", "lenient"])
def test_op_and_value_beside_a_ratio_are_a_warning_as_the_official_tools_accept_them(mode: Mode) -> None:
    found = findings_of(a_document("SLO", **only(target=D("0.9"), op="gt", value=5)), mode)
    assert [(one.path, one.rule, one.severity) for one in found] == [
        ("spec.objectives[0].op", "forbidden", WARNS),
        ("spec.objectives[0].value", "forbidden", WARNS),
    ]
    [_, wrong] = findings_of(a_document("SLO", **only(target=D("0.9"), op="=")), mode)
    assert (wrong.path, wrong.rule, wrong.severity) == ("spec.objectives[0].op", "one-of", BAD)


VALID: list[tuple[str, dict[str, Any]]] = [
    *((kind, {}) for kind in SPECS),
    ("Service", {"spec": GONE}),
    ("Service", {"spec__description": "x" * 1050}),
    ("DataSource", {"spec__connectionDetails": [{"name": "url", "value": "x"}]}),
    ("SLI", {"spec__ratioMetric": {"raw": METRIC, "rawType": "failure"}}),
    ("SLI", {"spec__ratioMetric": {"bad": METRIC, "total": METRIC}}),
    ("SLI", {"spec__description": None}),
    # No limits of ours, and what the official tools let pass.
    ("SLO", window(isRolling=True, duration="400d")),
    ("SLO", window(isRolling=True, duration="0m")),
    ("SLO", window(isRolling=True, duration="1Y")),
    ("SLO", window(duration="1M", isRolling=False, calendar=CALENDAR)),
    ("SLO", RATIOS | only(target=0, timeSliceWindow="7m")),
    ("SLO", {"spec__objectives": []}),
    ("SLO", {"spec__objectives": None}),
    ("SLO", only(target=D("0.12345678901234"))),
    ("SLO", only(targetPercent=D("99.9"))),
    ("SLO", {"spec__service": "Any Words"}),
    ("SLO", REF_SLO | only(target=D("0.9"), op="gt", value=5)),
    ("SLO", REF_SLO | only(target=D("0.9"))),
    ("SLO", THRESHOLD_SLO | only(target=D("0.9"), op="lte", value=0)),
    ("SLO", {"spec__indicator": GONE, "spec__objectives": [MEMBER, MEMBER]}),
    ("SLO", {"spec__alertPolicies": [{"alertPolicyRef": "fast"}]}),
    ("SLO", {"metadata__labels": {"team": ["a", "b"], "env": "prod", "none": None}}),
    ("SLO", {"metadata__annotations": {"my-domain.org/my-key": "x", "plain": ""}}),
    ("AlertPolicy", {"spec__conditions": [{"conditionRef": "fast"}]}),
    ("AlertPolicy", {"spec__notificationTargets": [TARGET, {"targetRef": "a"}]}),
    ("AlertCondition", {"spec__condition": {**CONDITION["condition"], "alertAfter": ""}}),
]


@pytest.mark.parametrize(("kind", "changes"), VALID)
def test_what_breaks_none(kind: str, changes: dict[str, Any]) -> None:
    assert findings_of(a_document(kind, **changes)) == []


@pytest.mark.parametrize("document", [5, "text", True, [1], D("1.5")])
def test_a_document_is_a_mapping(document: Any) -> None:
    assert [one.rule for one in findings_of(document)] == ["wrong-type"]
