"""Objectives taken over from other tools, measured by a real Prometheus: true counts, no invented events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine.samples import epoch_minute
from slo.measuring import operations
from slo.measuring.queries.silence import silent_queries
from slo.models import DataSource, Indicator
from slo.openslo import operations as openslo_operations
from tests.factories.slo import MEASURER, MINUTE, a_service, an_indicator
from tests.slo import prometheus_server
from tests.slo.prometheus_server import prometheus
from tests.slo.stored import stored

pytestmark = [pytest.mark.prometheus, pytest.mark.django_db]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
END = epoch_minute(NOW)
LEFT = END - 30  # pod b is there no more from this minute on
SCRAPES = range(0, 120 * 60, 15)
IDLE = range(END - 60, END - 50)


def points() -> dict[str, list[tuple[int, float]]]:
    """Two hours, scraped every fifteen seconds: two pods (one leaves), a desk that rests, happy and unhappy gauges."""
    start = (END - 120) * 60
    series: dict[str, list[tuple[int, float]]] = {}
    for pod, began in (("a", 1_000_000), ("b", 2_000_000)):
        for code, rate in (("200", 0.91), ("500", 0.09)):
            name = f'http_requests_total{{code="{code}",pod="{pod}"}}'
            instants = [start + second for second in SCRAPES if pod == "a" or start + second < LEFT * 60]
            series[name] = [(at, began + (at - start) * rate) for at in instants]
    calls = {"200": 0.0, "503": 0.0}
    for code, rate in (("200", 1.0), ("503", 0.5)):
        found = []
        for second in SCRAPES:
            at = start + second
            calls[code] += 0 if at // 60 in IDLE else 15 * rate
            found.append((at, calls[code]))
        series[f'desk_calls_total{{code="{code}"}}'] = found
    series["desk_happy"] = [(start + second, 0.5 if second // 60 % 2 else 0.9) for second in SCRAPES]
    for bound in ("1.0", "+Inf"):
        series[f'lat_seconds_bucket{{le="{bound}"}}'] = [(start + second, float(second)) for second in SCRAPES]
    series["lat_seconds_count"] = [(start + second, float(second)) for second in SCRAPES]
    return series


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prometheus_server.Server]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), points=points()) as running:
        yield running


@pytest.fixture
def source(real: prometheus_server.Server, settings: Any) -> DataSource:
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{real.port}"]
    for slug in ("hunt-shop", "parcel-desk"):
        a_service(slug=slug)
    return operations.create_source(actor=MEASURER, slug="hunt-prom", url=real.url)


def counted(text: str, source: DataSource) -> dict[str, dict[int, tuple[float, float]]]:
    """Indicator -> minute -> (bad, all events), after importing the text and pulling two hours."""
    outcome = openslo_operations.apply({"case": text}, actor=MEASURER, at=NOW, mode="lenient")
    assert outcome.written, outcome.errors
    operations.pull_source(source, actor=MEASURER, at=NOW)
    return {
        one.slug: {minute: (counts.bad / 1000, counts.total / 1000) for minute, counts in stored(one).items()}
        for one in Indicator.objects.all()
    }


SUM_OF_COUNTERS = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-answers}
spec:
  service: hunt-shop
  indicator:
    metadata: {name: shop-answers}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {metricSourceRef: hunt-prom, type: Prometheus, spec: {query: 'sum(http_requests_total{code="200"})'}}}
        total: {metricSource: {metricSourceRef: hunt-prom, type: Prometheus, spec: {query: 'sum(http_requests_total)'}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.995}]
"""


def test_a_pod_that_leaves_a_sum_of_counters_invents_no_event(source: DataSource) -> None:
    found = counted(SUM_OF_COUNTERS, source)["shop-answers"]
    assert len(found) >= 118
    both = [total for minute, (_, total) in found.items() if minute < LEFT - 1]
    alone = [total for minute, (_, total) in found.items() if minute > LEFT]
    assert (min(both), max(both)) == pytest.approx((120, 120), rel=0.01)
    assert (min(alone), max(alone)) == pytest.approx((60, 60), rel=0.01)
    assert max(total for _, total in found.values()) < 130
    assert all(bad / total == pytest.approx(0.09, rel=0.05) for bad, total in found.values())


PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: parcel-errors, labels: {app: hunt-shop}}
spec:
  target: "99"
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{code="500",pod="a"}'}
      total: {metric: 'http_requests_total{pod="a"}'}
"""


def test_pyrras_ratio_is_differentiated_once(source: DataSource) -> None:
    found = counted(PYRRA, source)["parcel-errors"]
    assert len(found) >= 118
    for bad, total in found.values():
        assert (bad, total) == pytest.approx((5.4, 60), rel=0.02)


SLOTH = """
version: prometheus/v1
service: parcel-desk
slos:
  - name: guarded
    objective: 99.5
    sli:
      events:
        error_query: sum(rate(desk_calls_total{code=~"5.."}[{{.window}}])) or vector(0)
        total_query: sum(rate(desk_calls_total[{{.window}}])) > 0
  - name: guarded-one
    objective: 99.5
    sli:
      events:
        error_query: sum(rate(desk_calls_total{code=~"5.."}[{{.window}}])) or on() vector(0)
        total_query: (sum(rate(desk_calls_total[{{.window}}])) > 0) or on() vector(1)
  - name: subquery
    objective: 95
    sli:
      events:
        error_query: sum_over_time((count(desk_happy < 0.75))[{{.window}}:]) OR on() vector(0)
        total_query: sum_over_time((count(desk_happy))[{{.window}}:])
  - name: increase-guard
    objective: 99
    sli:
      events:
        error_query: sum(increase(desk_calls_total{code=~"5.."}[{{.window}}])) > 0 or vector(0)
        total_query: sum(increase(desk_calls_total[{{.window}}])) > 0 or vector(1)
"""


def test_sloths_guards_keep_their_meaning_and_no_idle_minute_has_an_event(source: DataSource) -> None:
    found = counted(SLOTH, source)
    busy, idle = END - 20, IDLE[5]
    for slug in ("guarded", "guarded-one", "increase-guard"):
        assert found[f"parcel-desk-{slug}"][busy] == pytest.approx((30, 90), rel=0.01), slug
    assert idle not in found["parcel-desk-guarded"], "more than none is asked for, and there are none"
    assert found["parcel-desk-guarded-one"][idle] == (0, 0)
    assert found["parcel-desk-increase-guard"][idle] == (0, 0)
    happy = found["parcel-desk-subquery"]
    shares = {bad / total for bad, total in happy.values()}
    assert shares <= {0.0, 0.5, 1.0}
    assert {0.0, 1.0} & shares


HISTOGRAM = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: fast-answers, labels: {app: parcel-desk}}
spec:
  target: "99"
  window: 4w
  indicator:
    latency:
      success: {metric: 'lat_seconds_bucket{le="1"}'}
      total: {metric: 'lat_seconds_count'}
"""


def test_a_bound_that_the_histogram_spells_otherwise_is_named(source: DataSource) -> None:
    assert counted(HISTOGRAM, source)["fast-answers"] == {}
    [silent] = silent_queries(Indicator.objects.get())
    assert (silent.name, silent.label) == ("good_query", "good events")
    assert silent.since <= NOW - timedelta(days=27)
    assert 'le="1.0"' in silent.hint
    operations.pull_source(source, actor=MEASURER, at=NOW + timedelta(days=3))
    assert [one.name for one in silent_queries(Indicator.objects.get())] == ["good_query", "total_query"]
    assert silent_queries(Indicator.objects.get())[0].since == silent.since


def test_a_query_with_rates_is_refused_as_a_counter_everywhere(source: DataSource) -> None:
    from itsm.kernel.errors import InvalidInput

    with pytest.raises(InvalidInput) as caught:
        an_indicator(
            source="prometheus", data_source=source, counter=True, good_query="sum(irate(x[1m]))", total_query="sum(x)"
        )
    assert list(caught.value.errors) == ["good_query"]
    assert "irate gives growth already" in caught.value.errors["good_query"][0]
    for word in ("rate", "increase", "delta"):
        text = SUM_OF_COUNTERS.replace("sum(http_requests_total)", f"sum({word}(http_requests_total[1m]))")
        [error] = openslo_operations.apply({"case": text}, actor=MEASURER, at=NOW).errors
        assert error.path == "spec.indicator.spec.ratioMetric.total"
        assert word in error.message


def test_a_series_scraped_too_seldom_for_a_minute_is_measured_in_longer_steps(source: DataSource) -> None:
    made = an_indicator(
        source="prometheus", data_source=source, counter=True, good_query='sum(http_requests_total{code="200"})',
        total_query="sum(http_requests_total)", step_minutes=5,
    )  # fmt: skip
    operations.pull_source(source, actor=MEASURER, at=NOW, only=[made])
    alone = [counts.total / 1000 for minute, counts in stored(made).items() if minute > LEFT + 5]
    assert alone
    assert alone == pytest.approx([300] * len(alone), rel=0.01)
    assert timedelta(minutes=made.step_minutes) == MINUTE * 5
