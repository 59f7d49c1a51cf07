"""OpenSLO v1alpha as Sloth's files use it: metrics in the objectives, open windows, no method."""

from typing import Any

import pytest

from slo.openslo import formats

TWO = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: parcel-answers, displayName: Answers of the parcel desk}
spec:
  service: parcel-desk
  description: Answers come, and come in time.
  objectives:
    - ratioMetrics:
        good: {source: prometheus, queryType: promql, query: 'sum(rate(answers{code!~"5.."}[{{.window}}]))'}
        total: {source: prometheus, queryType: promql, query: 'sum(rate(answers[{{.window}}]))'}
      target: 0.999
    - ratioMetrics:
        good: {source: prometheus, queryType: promql, query: 'sum(rate(answers_bucket{le="5"}[{{.window}}]))'}
        total: {source: prometheus, queryType: promql, query: 'sum(rate(answers_count[{{.window}}]))'}
      target: 0.99
  timeWindows: [{count: 30, unit: Day}]
"""
THRESHOLD = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: fast}
spec:
  service: web
  budgetingMethod: Timeslices
  indicator: {thresholdMetric: {source: prometheus, queryType: promql, query: 'avg(seconds)'}}
  objectives: [{displayName: quick, op: lte, value: 2, target: 0.99, timeSliceTarget: 0.9}]
  timeWindows:
    - {count: 1, unit: Month, isRolling: false, calendar: {startTime: 2026-05-01 00:00:00, timeZone: UTC}}
"""


def said(text: str) -> list[str]:
    return [f"{one.path} {one.rule} {one.severity}" for one in formats.read({"f": text}).findings]


def test_each_objective_with_metrics_is_a_promise_of_its_own() -> None:
    bundle = formats.read({"f": TWO})
    assert {one.rule for one in bundle.findings} == {"headroom-no-data-source"}
    first, second = bundle.objectives
    assert [(one.slug, one.name, str(one.target)) for one in (first, second)] == [
        ("parcel-answers-1", "Answers of the parcel desk: 1", "0.999"),
        ("parcel-answers-2", "Answers of the parcel desk: 2", "0.99"),
    ]
    assert (first.service, first.method, first.window_days) == ("parcel-desk", "occurrences", 30)
    assert first.indicator
    assert second.indicator
    assert first.indicator.good_query == 'sum(increase(answers{code!~"5.."}[1m]))'
    assert second.indicator.total_query == "sum(increase(answers_count[1m]))"
    assert first.indicator.counter is False


def test_a_threshold_in_time_slices_by_the_calendar() -> None:
    [objective] = formats.read({"f": THRESHOLD}).objectives
    assert (objective.slug, objective.method, objective.time_slice_minutes) == ("fast", "timeslices", 1)
    assert objective.calendar == formats.CalendarDefinition("month", 1, "UTC", "2026-05-01 00:00:00")
    assert objective.indicator
    assert (objective.indicator.op, str(objective.indicator.threshold)) == ("lte", "2")


def test_incremental_metrics_are_counters() -> None:
    text = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: answers}
spec:
  service: web
  objectives:
    - ratioMetrics:
        incremental: true
        good: {source: prometheus, query: 'sum(answers{ok="1"})'}
        total: {source: prometheus, query: sum(answers)}
      target: 0.9
  timeWindows: [{count: 4, unit: Week, isRolling: true}]
"""
    [objective] = formats.read({"f": text}).objectives
    assert objective.indicator
    assert (objective.indicator.counter, objective.indicator.total_query) == (True, "sum(answers)")
    assert objective.window_days == 28


def test_its_service_is_one_of_openslo() -> None:
    text = "{apiVersion: openslo/v1alpha, kind: Service, metadata: {name: web, displayName: The web}}"
    assert [one.name for one in formats.read({"f": text}).services] == ["The web"]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("target: 0.999", "target: 1", "spec.objectives[0].target out-of-range error"),
        ("target: 0.99\n", "target: 1.5\n", "spec.objectives[1].target out-of-range error"),
        ("unit: Day", "unit: Second", "spec.timeWindows[0] alpha-shape error"),
        ("count: 30", "count: 3", "spec.timeWindows[0] headroom-window-length error"),
        ("service: parcel-desk", "service: ''", "spec.service required error"),
        ("query: 'sum(rate(answers_count[{{.window}}]))'", "query: ''", "spec.objectives[1].ratioMetrics.total.query required error"),
        ("kind: SLO", "kind: SLI", "kind unknown-kind error"),
        ("ratioMetrics", "ratioMetric", "spec.objectives[0] alpha-shape error"),
        ("objectives:", "objective:", "spec.objectives alpha-shape error"),
    ],
)  # fmt: skip
def test_findings_stand_where_its_author_wrote(old: str, new: str, finding: str) -> None:
    found: list[Any] = said(TWO.replace(old, new))
    assert finding in found
