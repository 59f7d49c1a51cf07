"""What files of Sloth and Pyrra measure, held against a real Prometheus: the counts, minute by minute."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from slo.measuring import operations
from slo.measuring.adapters import prometheus as adapter
from slo.measuring.adapters.prometheus import Server as Asked
from slo.models import DataSource, Objective
from slo.openslo.formats.templating import NoValues
from slo.openslo.operations.applying import apply
from slo.openslo.queries import groups_for
from tests.factories.slo import MEASURER
from tests.slo import native_histograms
from tests.slo.prometheus_server import prometheus

pytestmark = [pytest.mark.django_db, pytest.mark.prometheus]
MINUTES = 40

RATIO = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: answers, labels: {app: parcel-desk}}
spec:
  target: "99"
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'desk_calls_total{code=~"5.."}'}
      total: {metric: desk_calls_total}
      grouping: [route, method]
"""
LATENCY = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: fast, labels: {app: parcel-desk}}
spec:
  target: "99"
  window: 4w
  indicator:
    latency:
      success: {metric: 'desk_seconds_bucket{le="0.5"}'}
      total: {metric: desk_seconds_count}
"""
NATIVE = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: native, labels: {app: parcel-desk}}
spec:
  target: "99"
  window: 4w
  indicator:
    latencyNative:
      total: {metric: 'desk_native_seconds{job="desk"}'}
      latency: 250ms
      grouping: [route]
"""
GAUGE = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: up, labels: {app: parcel-desk}}
spec: {target: "99", window: 4w, indicator: {bool_gauge: {metric: 'desk_up{job="desk"}'}}}
"""
ALPHA = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: alpha}
spec:
  service: parcel-desk
  objectives:
    - ratioMetrics:
        good: {source: prometheus, queryType: promql, query: 'sum(rate(desk_calls_total{code!~"5.."}[{{.window}}]))'}
        total: {source: prometheus, queryType: promql, query: 'sum(rate(desk_calls_total[{{.window}}]))'}
      target: 0.99
  timeWindows: [{count: 30, unit: Day}]
"""
SLOTH = """
version: prometheus/v1
service: parcel-desk
slos:
  - name: slow
    objective: 99
    sli:
      events:
        error_query: |
          (
            sum(rate(desk_seconds_count[{{.window}}]))
            -
            sum(rate(desk_seconds_bucket{le="0.5"}[{{.window}}]))
          )
        total_query: sum(rate(desk_seconds_count[{{.window}}]))
"""
CALLS = [("GET", "/", 200, 60), ("GET", "/", 500, 6), ("PUT", "/a/b", 200, 30), ("PUT", "/a/b", 503, 3)]  # a minute


@dataclass(frozen=True)
class Desk:
    url: str
    port: int
    end: int  # the minute after the last one that is asked for


def growing(rate: int, now: int) -> list[tuple[int, float]]:
    """A counter that was read every 15 seconds and grew so much a minute."""
    begins = now - MINUTES * 60
    return [(second + 7, rate * (second - begins) / 60) for second in range(begins, now, 15)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    now = int(time.time()) // 60 * 60
    points: dict[str, Any] = {
        f'desk_calls_total{{method="{method}",route="{route}",code="{code}"}}': growing(rate, now)
        for method, route, code, rate in CALLS
    }
    points |= {'desk_seconds_bucket{le="0.5"}': growing(54, now), 'desk_seconds_bucket{le="1.0"}': growing(60, now)}
    points |= {"desk_seconds_count": growing(60, now)}
    points |= {
        'desk_up{job="desk"}': [(second, int(place % 4 != 0)) for place, (second, _) in enumerate(growing(1, now))]
    }
    with prometheus(tmp_path_factory.mktemp("prometheus"), points=points) as server:
        yield Desk(server.url, server.port, now // 60 - 1)


@pytest.fixture(scope="module")
def native_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Without other history: what is written to it must not be older than that."""
    now = int(time.time()) // 60 * 60
    labels = {"__name__": "desk_native_seconds", "job": "desk"}
    with prometheus(tmp_path_factory.mktemp("native")) as server:
        busy = [(second, {-2: 14 * n, 1: 2 * n}) for n, (second, _) in enumerate(growing(1, now))]
        native_histograms.send(server.url, labels | {"route": "/busy"}, busy)
        native_histograms.send(
            server.url, labels | {"route": "/idle"}, [(second, {-2: 56, 1: 8}) for second, _ in busy]
        )
        yield Desk(server.url, server.port, now // 60 - 1)


def known_to_headroom(desk: Desk, settings: Any) -> None:
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{desk.port}"]
    operations.create_source(actor=MEASURER, slug="another", url="http://prometheus.example:9090")
    operations.create_source(actor=MEASURER, slug="live", url=desk.url)


def counted(desk: Desk, text: str) -> dict[str, tuple[list[Decimal], list[Decimal]]]:
    """Objective -> what each of ten minutes had: (good or bad events, all events), each value once, sorted."""
    outcome = apply({"f": text}, actor=MEASURER, at=datetime.now(UTC), source="live", create_services=True)
    assert outcome.written, outcome.errors
    found = {}
    for objective in Objective.objects.select_related("indicator__data_source").order_by("slug"):
        indicator = objective.indicator
        assert indicator is not None
        assert indicator.data_source is not None
        assert indicator.data_source.slug == "live"
        parts = [
            adapter.range_query(Asked(desk.url), query, desk.end - 10, desk.end).values
            for query in (indicator.good_query or indicator.bad_query, indicator.total_query)
        ]
        assert [len(one) for one in parts] == [10, 10]
        found[objective.slug] = tuple(sorted({round(value, 3) for value in one.values()}) for one in parts)
    return found  # type: ignore[return-value]


def test_each_group_counts_its_own(desk: Desk, settings: Any) -> None:
    known_to_headroom(desk, settings)
    root, path = counted(desk, RATIO).items()
    assert path == ("answers-a-b-put", ([3], [33]))
    assert re.fullmatch("answers-[0-9a-f]{6}-get", root[0])  # “/” has no word: a mark stands for it
    assert root[1] == ([6], [66])


def test_classic_latency_and_its_rest(desk: Desk, settings: Any) -> None:
    known_to_headroom(desk, settings)
    assert counted(desk, LATENCY) == {"fast": ([54], [60])}
    assert counted(desk, SLOTH)["parcel-desk-slow"] == ([6], [60])


def test_native_latency_and_a_route_that_nobody_asks(native_desk: Desk, settings: Any) -> None:
    known_to_headroom(native_desk, settings)
    assert counted(native_desk, NATIVE) == {"native-busy": ([56], [64]), "native-idle": ([0], [0])}


def test_a_gauge_counts_its_samples(desk: Desk, settings: Any) -> None:
    known_to_headroom(desk, settings)
    assert counted(desk, GAUGE) == {"up": ([3], [4])}


def test_v1alpha(desk: Desk, settings: Any) -> None:
    known_to_headroom(desk, settings)
    assert counted(desk, ALPHA) == {"alpha": ([90], [99])}


def test_groups_that_are_not_there(desk: Desk, settings: Any) -> None:
    known_to_headroom(desk, settings)
    known = groups_for()
    with pytest.raises(NoValues, match="choose one for the import"):
        known(("route",), "desk_calls_total")
    live = groups_for(DataSource.objects.get(slug="live"))
    assert live(("route", "nothing"), 'desk_calls_total{code="500"}') == [("/", "")]
    assert live(("route",), "unknown_metric") == []
