"""From valid documents to definitions: references, limits of ours, targets, windows, names."""

from decimal import Decimal
from typing import Any

import pytest

from slo.openslo import formats
from slo.openslo.formats import Bundle, CalendarDefinition, ObjectiveDefinition
from tests.slo.openslo.samples import GONE, METRIC, RATIO, SPECS, THRESHOLD, a_document, text_of
from tests.slo.openslo.test_rules import CALENDAR, MEMBER, RATIOS, REF_SLO, SLICE, SLICES, THRESHOLD_SLO, only, window
from tests.together import each_of

D = Decimal
PROM = a_document("DataSource", "prom")
BARE = {"metricSource": {"type": "Prometheus", "spec": {"query": "up"}}}


def read(*documents: dict[str, Any], **options: Any) -> Bundle:
    return formats.read({"f": text_of(PROM, *documents)}, **options)


def rules(bundle: Bundle, severity: str = "error") -> list[str]:
    return [f"{one.path} {one.rule}" for one in bundle.findings if one.severity == severity]


def the_objective(**changes: Any) -> ObjectiveDefinition:
    bundle = read(a_document("SLO", **changes))
    assert rules(bundle) == []
    [objective] = bundle.objectives
    return objective


def test_an_objective() -> None:
    objective = the_objective(metadata__labels={"team": ["a", "b"], "env": "x"}, metadata__annotations={"wiki": "y"})
    assert (objective.slug, objective.name, objective.service) == ("web-availability", "web-availability", "web")
    assert (objective.target, objective.window_days, objective.calendar) == (D("0.999"), 28, None)
    assert (objective.environment, objective.gating, objective.alert_rows) == ("production", True, None)
    assert objective.labels == {"team": ["a", "b"], "env": ["x"]}
    assert objective.annotations == {"wiki": "y"}
    assert str(objective.document) == "f#1"
    indicator = objective.indicator
    assert indicator is not None
    assert (indicator.kind, indicator.source, indicator.data_source, indicator.counter) == (
        "ratio",
        "prometheus",
        "prom",
        False,
    )
    assert (indicator.good_query, indicator.bad_query) == ("sum(increase(x[1m]))", "")


def test_services_and_data_sources() -> None:
    details = {"url": "http://user:secret@prometheus.example:9090/x", "token": "secret"}
    bundle = formats.read(
        {"f": text_of(a_document("DataSource", "prom", spec__connectionDetails=details), a_document("Service", "web"))}
    )
    assert [(one.slug, one.url, one.type) for one in bundle.data_sources] == [
        ("prom", "http://prometheus.example:9090/x", "Prometheus")
    ]
    assert [(one.slug, one.description) for one in bundle.services] == [("web", "The shop.")]
    assert "secret" not in repr(bundle)
    assert [one.rule for one in bundle.findings] == ["headroom-connection-details", "headroom-credentials"]


def test_headrooms_own_annotations() -> None:
    noted = {"headroom/environment": "staging", "headroom/gating": "false", "headroom/alert-rows": "3d,1h"}
    objective = the_objective(metadata__annotations=noted)
    assert (objective.environment, objective.gating, objective.alert_rows) == ("staging", False, ("1h", "3d"))
    assert objective.annotations == {}
    assert the_objective(metadata__annotations={"headroom/alert-rows": ""}).alert_rows == ()


def test_the_environment_as_a_label_of_lenient_files() -> None:
    [objective] = read(a_document("SLO", metadata__labels={"headroom/environment": "test"}), mode="lenient").objectives
    assert (objective.environment, objective.labels) == ("test", {})


# What changes in a valid SLO, and what is said.
LIMITS: list[tuple[dict[str, Any], str]] = [
    (window(isRolling=True, duration="6d"), "spec.timeWindow[0].duration headroom-window-length"),
    (window(isRolling=True, duration="367d"), "spec.timeWindow[0].duration headroom-window-length"),
    (window(isRolling=True, duration="0d"), "spec.timeWindow[0].duration headroom-window-length"),
    (window(isRolling=True, duration="169h"), "spec.timeWindow[0].duration headroom-window-whole-days"),
    (window(isRolling=True, duration="1m"), "spec.timeWindow[0].duration headroom-window-whole-days"),
    (window(duration="30d", calendar=CALENDAR), "spec.timeWindow[0].duration headroom-calendar-unit"),
    (window(duration="1m", calendar=CALENDAR), "spec.timeWindow[0].duration headroom-calendar-unit"),
    (window(duration="2Y", calendar=CALENDAR), "spec.timeWindow[0].duration headroom-window-length"),
    (window(duration="0M", calendar=CALENDAR), "spec.timeWindow[0].duration headroom-window-length"),
    (RATIOS | only(target=D("0.9"), timeSliceWindow="7m"), "spec.objectives[0].timeSliceWindow headroom-slice-minutes"),
    (RATIOS | only(target=D("0.9"), timeSliceWindow="2h"), "spec.objectives[0].timeSliceWindow headroom-slice-minutes"),
    (RATIOS | only(target=D("0.9"), timeSliceWindow="0m"), "spec.objectives[0].timeSliceWindow headroom-slice-minutes"),
    (SLICES | only(**{**SLICE, "timeSliceTarget": D("0.1234567891")}), "spec.objectives[0].timeSliceTarget headroom-slice-target-places"),
    (only(target=0), "spec.objectives[0].target headroom-target-range"),
    (only(targetPercent=0), "spec.objectives[0].targetPercent headroom-target-range"),
    (only(target=D("0.1234567891")), "spec.objectives[0].target headroom-target-places"),
    (only(targetPercent=D("99.99999999")), "spec.objectives[0].targetPercent headroom-target-places"),
    ({"spec__service": "The Shop"}, "spec.service headroom-service-name"),
    ({"spec__objectives": []}, "spec.objectives headroom-no-objective"),
    ({"metadata__annotations": {"headroom/name": "x" * 121}}, "metadata.displayName headroom-name-length"),
    ({"metadata__annotations": {"headroom/gating": "no"}}, "metadata.annotations['headroom/gating'] headroom-gating"),
    ({"metadata__annotations": {"headroom/alert-rows": "2h"}}, "metadata.annotations['headroom/alert-rows'] headroom-alert-rows"),
    ({"metadata__annotations": {"headroom/environment": "A b"}}, "metadata.annotations['headroom/environment'] headroom-environment"),
    ({"spec__indicator__spec__ratioMetric__total": BARE}, "spec.indicator.spec.ratioMetric headroom-mixed-sources"),
    ({"spec__indicator__spec__ratioMetric__total__metricSource__spec": {"expr": "x"}}, "spec.indicator.spec.ratioMetric.total.metricSource.spec headroom-query"),
    ({"spec__indicator__spec__ratioMetric__total__metricSource__spec": {"query": "x" * 4001}}, "spec.indicator.spec.ratioMetric.total.metricSource.spec.query headroom-query-length"),
    ({"spec__indicator": GONE, "spec__objectives": [MEMBER, {"target": D("0.9")}]}, "spec.objectives[1] headroom-member-indicator"),
    ({"spec__indicator": GONE, "spec__objectives": [MEMBER] * 10, **RATIOS}, "spec.objectives[0].timeSliceWindow required"),
    ({"spec__indicator": GONE, "spec__objectives": [{**MEMBER, "compositeWeight": 10_000_000}]}, "spec.objectives[0].compositeWeight headroom-weight"),
    ({"spec__indicator": GONE, "spec__objectives": [{**MEMBER, **SLICE, "target": D("0.5")}] * 2, **SLICES}, "spec.objectives headroom-composite-target"),
    ({"spec__indicator": GONE, "spec__objectives": [{**MEMBER, **SLICE}, {**MEMBER, **SLICE, "timeSliceWindow": "5m"}], **SLICES}, "spec.objectives headroom-composite-slices"),
]  # fmt: skip


@each_of(("changes", "said"), LIMITS)
def test_our_limits(changes: dict[str, Any], said: str) -> None:
    bundle = read(a_document("SLO", **changes))
    assert said in rules(bundle)
    assert bundle.objectives == ()
    assert all(one.message[-1] == "." or one.message[-1].isdigit() for one in bundle.findings)


@pytest.mark.parametrize(
    ("changes", "days", "calendar"),
    [
        (window(isRolling=True, duration="7d"), 7, None), (window(isRolling=True, duration="366d"), 366, None),
        (window(isRolling=True, duration="168h"), 7, None), (window(isRolling=True, duration="1M"), 30, None),
        (window(isRolling=True, duration="1Q"), 90, None), (window(isRolling=True, duration="1Y"), 365, None),
        (window(duration="1w", calendar=CALENDAR), None, "week"), (window(duration="1M", calendar=CALENDAR), None, "month"),
        (window(duration="1Q", calendar=CALENDAR), None, "quarter"), (window(duration="1Y", calendar=CALENDAR), None, "year"),
    ],
)  # fmt: skip
def test_windows(changes: dict[str, Any], days: int | None, calendar: Any) -> None:
    objective = the_objective(**changes)
    assert objective.window_days == days
    wanted = CalendarDefinition(calendar, 1, "Europe/Paris", "2022-01-01 12:00:00") if calendar else None
    assert objective.calendar == wanted


def test_lenient_files_without_a_window_get_28_days() -> None:
    bundle = read(a_document("SLO", spec__timeWindow=GONE), mode="lenient")
    assert [one.window_days for one in bundle.objectives] == [28]
    assert "spec.timeWindow headroom-window-default" in rules(bundle, "warning")


def test_a_slice_as_a_number_counts_minutes() -> None:
    bundle = read(a_document("SLO", **RATIOS, **only(target=D("0.9"), timeSliceWindow=5)), mode="lenient")
    assert [one.time_slice_minutes for one in bundle.objectives] == [5]


def test_percentages_are_exact() -> None:
    assert str(the_objective(**only(targetPercent=D("99.95"))).target) == "0.9995"
    assert str(the_objective(**only(targetPercent=D("99.9999999"))).target) == "0.999999999"
    assert the_objective(**only(target=D("0.99900000000000"))).target == D("0.999")


def test_several_objectives_of_one_indicator() -> None:
    named = [{"displayName": "Good", "target": D("0.99")}, {"displayName": "The SLA", "target": D("0.9")}]
    bundle = read(a_document("SLO", spec__objectives=named))
    assert [(one.slug, one.name, one.target) for one in bundle.objectives] == [
        ("web-availability-good", "web-availability: Good", D("0.99")),
        ("web-availability-the-sla", "web-availability: The SLA", D("0.9")),
    ]
    assert bundle.objectives[0].indicator == bundle.objectives[1].indicator
    alike = [{**one, "displayName": "Same"} for one in named]
    assert [one.slug for one in read(a_document("SLO", spec__objectives=alike)).objectives] == [
        "web-availability-1", "web-availability-2",
    ]  # fmt: skip


def test_thresholds_compared_differently_are_indicators_of_their_own() -> None:
    two = [{"op": "lt", "value": D("0.5"), "target": D("0.9")}, {"op": "lte", "value": 2, "target": D("0.99")}]
    bundle = read(a_document("SLO", **THRESHOLD_SLO, spec__objectives=two))
    found = [one.indicator for one in bundle.objectives if one.indicator]
    assert [(one.slug, one.op, one.threshold) for one in found] == [
        ("web-latency-lt-0-5", "lt", D("0.5")),
        ("web-latency-lte-2", "lte", D(2)),
    ]
    [objective] = read(a_document("SLO", **THRESHOLD_SLO, spec__objectives=two[:1])).objectives
    assert objective.indicator
    assert objective.indicator.slug == "web-latency"


def test_a_referenced_threshold_needs_its_comparison_at_import() -> None:
    sli = a_document("SLI", "web-ok", spec=THRESHOLD["spec"])
    slo = a_document("SLO", **REF_SLO)
    assert formats.check({"f": text_of(PROM, sli, slo)})[2][3] == []
    assert rules(read(sli, slo)) == ["spec.objectives[0] headroom-threshold"]


COMPOSITES = [
    ({"spec__budgetingMethod": "Occurrences"}, {}, "0.92"),  # (0.95 + 3 * 0.91) / 4
    (RATIOS, {"timeSliceWindow": "5m"}, "0.68"),  # 1 - 0.05 - 3 * 0.09
    (SLICES, {"timeSliceWindow": "5m", "timeSliceTarget": D("0.9")}, "0.86"),  # 1 - 0.05 - 0.09
]


@pytest.mark.parametrize(("method", "slices", "target"), COMPOSITES)
def test_composites(method: dict[str, Any], slices: dict[str, Any], target: str) -> None:
    members = [
        {"indicator": RATIO, "target": D("0.95"), **slices},
        {"indicatorRef": "other", "target": D("0.91"), "compositeWeight": 3, **slices},
    ]
    sli = a_document("SLI", "other", spec__ratioMetric={"raw": METRIC, "rawType": "failure"})
    bundle = read(a_document("SLO", **method, spec__indicator=GONE, spec__objectives=members), sli)
    assert rules(bundle) == []
    [objective] = bundle.objectives
    assert str(objective.target) == target
    assert [(one.weight, one.target) for one in objective.members] == [(1, D("0.95")), (3, D("0.91"))]
    assert [one.time_slice_target for one in objective.members] == [slices.get("timeSliceTarget")] * 2
    assert (objective.indicator, objective.time_slice_target) == (None, None)
    assert objective.time_slice_minutes == (5 if slices else None)
    raw = objective.members[1].indicator
    assert (raw.kind, raw.value_query) == ("raw", "1 - (sum(increase(x[1m])))")


def test_other_sources_are_sent() -> None:
    other = {"metricSource": {"type": "Datadog", "spec": {"query": "x"}}}
    slo = a_document("SLO", spec__indicator__spec__ratioMetric={"bad": other, "total": other})
    bundle = read(slo)
    [objective] = bundle.objectives
    assert objective.indicator
    assert (objective.indicator.source, objective.indicator.bad_query) == ("push", "")
    assert rules(bundle, "warning") == ["spec.indicator.spec.ratioMetric headroom-push"]


def test_the_type_comes_from_the_data_source() -> None:
    metric = {"metricSource": {"metricSourceRef": "prom", "spec": {"promql": "up"}}}
    objective = the_objective(
        spec__indicator__spec={"thresholdMetric": metric}, **only(op="gt", value=0, target=D("0.9"))
    )
    assert objective.indicator
    assert (objective.indicator.source, objective.indicator.value_query) == ("prometheus", "up")


def a_policy(name: str, lookback: str, **changes: Any) -> dict[str, Any]:
    condition = {"spec__conditions__0__spec__condition__lookbackWindow": lookback}
    return a_document("AlertPolicy", name, **condition, **changes)


def test_alert_policies_become_the_nearest_rows() -> None:
    target = a_document("AlertNotificationTarget", "desk")
    names = {"a": "55m", "b": "3h", "c": "4d", "d": "1w"}
    policies = [a_policy(name, lookback) for name, lookback in names.items()]
    slo = a_document("SLO", spec__alertPolicies=[{"alertPolicyRef": name} for name in names])
    bundle = read(slo, target, *policies)
    assert [one.alert_rows for one in bundle.objectives] == [("1h", "6h", "3d")]
    assert rules(bundle, "warning") == ["spec.alertPolicies headroom-alert-scaled"]


DANGLING: list[tuple[list[dict[str, Any]], str]] = [
    ([a_document("SLO", **REF_SLO)], "spec.indicatorRef dangling-reference"),
    ([a_document("SLO", spec__alertPolicies=[{"alertPolicyRef": "x"}])], "spec.alertPolicies[0].alertPolicyRef dangling-reference"),
    ([a_document("AlertPolicy", "p")], "spec.notificationTargets[0].targetRef dangling-reference"),
    ([a_document("AlertPolicy", "p", spec__conditions=[{"conditionRef": "x"}])], "spec.conditions[0].conditionRef dangling-reference"),
    ([a_document("SLI", spec__ratioMetric__good__metricSource__metricSourceRef="x")], "spec.ratioMetric.good.metricSource.metricSourceRef dangling-reference"),
    ([a_document("SLO", spec__indicator__spec__ratioMetric__good__metricSource__metricSourceRef="x")], "spec.indicator.spec.ratioMetric.good.metricSource.metricSourceRef dangling-reference"),
    ([a_document("SLO"), a_document("SLO", spec__description="Another.")], "metadata.name duplicate-name"),
]  # fmt: skip


@pytest.mark.parametrize(("documents", "said"), DANGLING)
def test_references_to_nothing_are_errors_of_the_import_alone(documents: list[dict[str, Any]], said: str) -> None:
    assert said in rules(read(*documents))
    assert all(found == [] for *_, found in formats.check({"f": text_of(*documents)}))


def test_references_reach_across_files_in_any_order() -> None:
    files = {"a": text_of(a_document("SLO", **REF_SLO)), "b": text_of(a_document("SLI", "web-ok")), "c": text_of(PROM)}
    bundle = formats.read(files)
    assert bundle.findings == ()
    assert [str(one.document) for one in bundle.objectives] == ["a#0"]


def test_one_name_for_two_indicators_is_refused() -> None:
    other = a_document("SLO", "other", spec__indicator__spec__ratioMetric__total__metricSource__spec__query="up")
    bundle = read(a_document("SLO"), other)
    assert [one.slug for one in bundle.objectives] == ["web-availability"]
    assert rules(bundle) == ["metadata.name headroom-indicator-conflict"]
    assert rules(read(a_document("SLO"), a_document("SLO", "other"))) == []


def test_a_name_made_of_two_may_be_taken() -> None:
    two = a_document(
        "SLO",
        "web",
        spec__objectives=[{"target": D("0.9"), "displayName": "x"}, {"target": D("0.8"), "displayName": "y"}],
    )
    assert rules(read(two, a_document("SLO", "web-x"))) == ["metadata.name headroom-duplicate-slug"]


def test_what_is_invalid_is_left_out_and_the_rest_stays() -> None:
    bundle = read(a_document("SLO", "good"), a_document("SLO", "bad", spec__service=GONE), a_document("SLO", "Bad"))
    assert [one.slug for one in bundle.objectives] == ["good"]
    assert len(rules(bundle)) == 2


def test_a_file_that_cannot_be_read_does_not_stop_the_others() -> None:
    bundle = formats.read({"a": "x: [", "b": text_of(PROM, a_document("SLO"))})
    assert [one.slug for one in bundle.objectives] == ["web-availability"]
    assert [one.document for one in bundle.findings] == ["a#0"]
    assert [len(found) for *_, found in formats.check({"a": "x: [", "b": text_of(PROM)})] == [1, 0]


def test_the_samples_stay_whole() -> None:
    assert SPECS["SLO"]["indicator"] is RATIO
