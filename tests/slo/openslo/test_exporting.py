"""What is written passes the strict rules and comes back the same, for everything that can be said."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from slo.openslo import formats
from slo.openslo.formats import (
    CalendarDefinition,
    DataSourceDefinition,
    DocumentRef,
    IndicatorDefinition,
    MemberDefinition,
    ObjectiveDefinition,
    ServiceDefinition,
)
from slo.openslo.formats.targets import composite_target
from slo.openslo.formats.writing import json_of
from tests.slo.openslo.samples import a_document, text_of
from tests.slo.proving import examples

D = Decimal
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
HERE = DocumentRef("f", 0)
TRICKY = [
    "yes",
    "0o17",
    "1e3",
    "null",
    "~",
    "2022-01-01",
    "- x",
    "a: b",
    "# x",
    "{{x}}",
    "'",
    '"',
    "a\nb\n  c",
    "x\n",
    " x",
    "=",
    "<<",
    "é",
    "\u2028",
    "\x85",
    "0x1F",
    ".5",
    "%a",
    "@b",
    "|",
    "\t",
]
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=40) | st.sampled_from(
    TRICKY
)
WORDS = st.text("abcxyz01-", min_size=1, max_size=20).map(lambda text: text.strip("-") or "x")
NAMES = TEXT.filter(bool) | st.text("ab c", min_size=64, max_size=120)
QUERIES = TEXT.map(str.strip).filter(bool) | st.just('sum(\n  increase(x{a="b"}[1m])\n)')
COUNTERS = st.sampled_from(["sum(x_total)", 'sum(\n  x{a="b"}\n) or vector(0)', "x offset 5m"])
SHARES = st.integers(1, 10**9 - 1).map(lambda ppb: D(ppb).scaleb(-9))
NUMBERS = st.decimals(-(10**6), 10**6, places=3) | st.integers(-5, 5).map(Decimal)
METHODS = st.sampled_from(["occurrences", "timeslices", "ratio_timeslices"])


@st.composite
def indicators(draw: st.DrawFn, slug: str) -> IndicatorDefinition:
    kind = draw(st.sampled_from(["ratio", "threshold", "raw"]))
    source = draw(st.sampled_from(["push", "prometheus"]))
    queries: dict[str, Any] = {}
    if source == "prometheus" and kind == "ratio":
        counter = draw(st.booleans())
        some = COUNTERS if counter else QUERIES
        queries = {draw(st.sampled_from(["good_query", "bad_query"])): draw(some), "total_query": draw(some)}
        queries |= {"counter": counter}
    elif source == "prometheus":
        queries = {"value_query": draw(QUERIES)}
    if kind == "threshold":
        queries |= {"op": draw(st.sampled_from(["lt", "lte", "gt", "gte"])), "threshold": draw(NUMBERS)}
    elif "total_query" not in queries:
        queries |= {"counter": draw(st.booleans())}
    queries |= {"step_minutes": draw(st.sampled_from([1, 5, 60])), "checked": source == "push" and draw(st.booleans())}
    described = draw(TEXT | st.just("long " * 300))
    data_source = draw(st.sampled_from(["", "prom"]))
    return IndicatorDefinition(slug, draw(NAMES), described, kind, source, data_source, **queries)  # type: ignore[arg-type]


def windows() -> st.SearchStrategy[tuple[int | None, CalendarDefinition | None]]:
    counts = {"week": 52, "month": 12, "quarter": 4, "year": 1}
    starts = st.none() | st.just("2022-01-01 12:00:00")
    calendars = st.sampled_from(sorted(counts)).flatmap(
        lambda unit: st.builds(
            CalendarDefinition,
            st.just(unit),
            st.integers(1, counts[unit]),
            st.sampled_from(["UTC", "Europe/Paris"]),
            starts,
        )
    )
    return st.tuples(st.integers(7, 366), st.none()) | st.tuples(st.none(), calendars)


@st.composite
def objectives(draw: st.DrawFn, slug: str = "web-availability") -> ObjectiveDefinition:
    method = draw(METHODS)
    slice_target = SHARES if method == "timeslices" else st.none()
    days, calendar = draw(windows())
    members: tuple[MemberDefinition, ...] = ()
    target, single_slice_target = draw(SHARES), draw(slice_target)
    indicator = draw(indicators(slug))
    if draw(st.booleans()):
        count = draw(st.integers(1, 3))
        weights = st.integers(1, 10**6).map(lambda number: D(number) / 1000)
        members = tuple(
            MemberDefinition(draw(indicators(f"{slug}-{n}")), draw(SHARES), draw(weights), draw(slice_target))
            for n in range(count)
        )
        follows = composite_target(method, members)  # type: ignore[arg-type]
        target = follows if 0 < follows < 1 and draw(st.booleans()) else target
    return ObjectiveDefinition(
        slug=slug, name=draw(NAMES), description=draw(TEXT), service=draw(WORDS), environment=draw(WORDS | st.just("production")),
        method=method, target=target, time_slice_target=None if members else single_slice_target,  # type: ignore[arg-type]
        time_slice_minutes=None if method == "occurrences" else draw(st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])),
        window_days=days, calendar=calendar, indicator=None if members else indicator, members=members, gating=draw(st.booleans()),
        alert_rows=draw(st.none() | st.sampled_from([(), ("1h",), ("6h", "3d"), ("1h", "6h", "1d", "3d")])),
        labels=draw(st.dictionaries(WORDS | TEXT | st.just("headroom/mine"), st.lists(TEXT, max_size=3), max_size=2)),
        annotations=draw(st.dictionaries(WORDS | WORDS.map("example.com/{}".format), TEXT, max_size=2)), document=HERE,
        missing_slices=draw(st.sampled_from(["excluded", "good", "bad"])), budget_basis=draw(st.sampled_from(["full_window", "elapsed"])),
    )  # fmt: skip


# Shrinking documents takes minutes; the written text says what went wrong.
@settings(phases=UNSHRUNK, max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_is_written_comes_back_the_same(data: st.DataObject) -> None:
    first, second = data.draw(objectives()), data.draw(objectives("other"))
    service = ServiceDefinition("web", data.draw(NAMES), data.draw(TEXT | st.just("long " * 300)), HERE)
    source = DataSourceDefinition("prom", data.draw(NAMES), "Prometheus", "http://prometheus.example:9090", HERE)
    # One name stands for one type of source; what is sent names none.
    text = formats.export([first, second], services=[service], data_sources=[source])
    assert [found for *_, found in formats.check({"f": text})] == [[]] * 4, text
    bundle = formats.read({"f": text})
    assert [one for one in bundle.findings if one.rule != "headroom-no-data-source"] == []
    assert [replace(one, document=HERE) for one in bundle.objectives] == [first, second], text
    assert [replace(one, document=HERE) for one in bundle.services] == [service]
    assert [replace(one, document=HERE) for one in bundle.data_sources] == [source]
    assert formats.export(bundle.objectives, services=bundle.services, data_sources=bundle.data_sources) == text


def test_the_text_is_for_people() -> None:
    indicator = IndicatorDefinition(
        "web-ok",
        "Answers",
        "",
        "ratio",
        "prometheus",
        "prom",
        good_query="sum(\n  up\n)",
        total_query="sum(x)",
        counter=True,
    )
    objective = ObjectiveDefinition(
        "web", "The shop's web", "", "web", "staging", "timeslices", D("0.9990"), D("0.95"), 5, 28, None, indicator, (), False, ("1h",), {"team": ["a", "b"]}, {}, HERE,
    )  # fmt: skip
    source = DataSourceDefinition("prom", "prom", "Prometheus", "http://prometheus.example:9090", HERE)
    assert (
        formats.export([objective], data_sources=[source])
        == """\
---
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: prom
spec:
  type: Prometheus
  connectionDetails:
    url: http://prometheus.example:9090
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: web
  displayName: The shop's web
  labels:
    team:
      - a
      - b
  annotations:
    headroom/environment: staging
    headroom/gating: 'false'
    headroom/alert-rows: 1h
spec:
  service: web
  indicator:
    metadata:
      name: web-ok
      displayName: Answers
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            metricSourceRef: prom
            type: Prometheus
            spec:
              query: |-
                sum(
                  up
                )
        total:
          metricSource:
            metricSourceRef: prom
            type: Prometheus
            spec:
              query: sum(x)
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Timeslices
  objectives:
    - target: 0.9990
      timeSliceTarget: 0.95
      timeSliceWindow: 5m
"""
    )


def test_as_json_every_number_is_exact() -> None:
    value = {"a": [D("0.999999999"), D("1000000000000000000000.5"), 7, True, None], "é": 'x"'}
    text = json_of(value)
    assert text == '{"a": [0.999999999, 1000000000000000000000.5, 7, true, null], "\\u00e9": "x\\""}'


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("missing-slices", "Good"),
        ("budget-basis", "full"),
        ("gating", "yes"),
        ("labels", "[]"),
        ("labels", '{"a": "b"}'),
        ("labels", '{"a": ["\\ud800"]}'),
    ],
)
def test_other_words_in_our_annotations_are_errors(key: str, word: str) -> None:
    document = a_document(metadata__annotations={f"headroom/{key}": word})
    bundle = formats.read({"f": text_of(a_document("DataSource", "prom"), document)})
    found = [(one.path, one.rule) for one in bundle.findings if one.severity == "error"]
    assert found == [(f"metadata.annotations['headroom/{key}']", f"headroom-{key}")]
    assert bundle.objectives == ()


def test_other_words_in_an_indicators_annotations_are_errors() -> None:
    for key, word in (("step-minutes", "7"), ("step-minutes", "05"), ("checked", "1")):
        document = a_document(spec__indicator__metadata__annotations={f"headroom/{key}": word})
        bundle = formats.read({"f": text_of(a_document("DataSource", "prom"), document)})
        path = f"spec.indicator.metadata.annotations['headroom/{key}']"
        assert [(one.path, one.rule) for one in bundle.findings if one.severity == "error"] == [
            (path, f"headroom-{key}")
        ]


def test_known_data_sources_need_no_document() -> None:
    text = text_of(a_document())
    assert formats.read({"f": text}).objectives == ()
    [objective] = formats.read({"f": text}, known_sources=["prom"]).objectives
    assert objective.indicator is not None
    assert (objective.indicator.source, objective.indicator.data_source) == ("prometheus", "prom")
