"""One document for many."""

import time
from typing import Any

import pytest

from slo.openslo import formats
from tests.slo.openslo.samples import METRIC, a_document, text_of

QUERY = 'sum(increase(http_requests_total{service="$service"}[1m]))'


def a_template(values: str | None = "web,checkout", **changes: Any) -> dict[str, Any]:
    noted = {"headroom/for-each": "service"} | ({} if values is None else {"headroom/values": values})
    metric = {"metricSource": {"type": "Prometheus", "metricSourceRef": "prom", "spec": {"query": QUERY}}}
    indicator = {"metadata": {"name": "$service-ok"}, "spec": {"ratioMetric": {"good": metric, "total": metric}}}
    return a_document(
        "SLO", "$service-availability", metadata__annotations=noted, metadata__displayName="{{service}} answers ($services)",
        spec__service="$service", spec__indicator=indicator, **changes,
    )  # fmt: skip


def read(template: dict[str, Any], **options: Any) -> formats.Bundle:
    return formats.read({"f": text_of(a_document("DataSource", "prom"), template)}, **options)


def test_one_document_for_each_value() -> None:
    bundle = read(a_template(" web, checkout,web,, "))
    assert bundle.findings == ()
    assert [(one.slug, one.name, one.service) for one in bundle.objectives] == [
        ("web-availability", "web answers ($services)", "web"),
        ("checkout-availability", "checkout answers ($services)", "checkout"),
    ]
    indicator = bundle.objectives[1].indicator
    assert indicator
    assert (indicator.slug, indicator.good_query) == (
        "checkout-ok",
        'sum(increase(http_requests_total{service="checkout"}[1m]))',
    )
    assert bundle.objectives[0].annotations == {}
    assert {str(one.document) for one in bundle.objectives} == {"f#1"}


def test_names_are_made_fit_and_queries_kept_shut() -> None:
    [objective] = read(a_template("*"), values_of=lambda label: [f'My {label}"}} or vector(1) #\\']).objectives
    assert (objective.slug, objective.service) == ("my-service-or-vector-1-availability", "my-service-or-vector-1")
    assert objective.indicator
    assert (
        objective.indicator.good_query
        == 'sum(increase(http_requests_total{service="My service\\"} or vector(1) #\\\\"}[1m]))'
    )


def test_all_values_are_asked_of_the_caller() -> None:
    asked: list[str] = []
    bundle = read(a_template("*"), values_of=lambda label: asked.append(label) or ["a", "b"])  # type: ignore[func-returns-value]
    assert asked == ["service"]
    assert [one.slug for one in bundle.objectives] == ["a-availability", "b-availability"]


@pytest.mark.parametrize("values", ["*", "", " , ", None])
def test_without_values_there_is_a_finding(values: str | None) -> None:
    bundle = read(a_template(values))
    assert [(one.path, one.rule) for one in bundle.findings] == [
        ("metadata.annotations['headroom/values']", "headroom-values")
    ]
    assert bundle.objectives == ()


def test_a_label_is_one_word() -> None:
    template = a_template()
    template["metadata"]["annotations"]["headroom/for-each"] = "a.*|b"
    assert [one.rule for one in read(template).findings] == ["headroom-for-each"]


def test_values_that_make_one_name_clash() -> None:
    assert {one.rule for one in read(a_template("a b,a-b")).findings} == {"duplicate-name"}


def test_a_template_is_checked_as_what_it_stands_for() -> None:
    for values in ("*", "web,checkout"):
        assert [found for *_, found in formats.check({"f": text_of(a_template(values))})] == [[]]
    [(_, kind, name, found)] = formats.check({"f": text_of(a_template(spec__budgetingMethod="x"))})
    assert (kind, name, [one.rule for one in found]) == ("SLO", "$service-availability", ["one-of"])


def test_three_hundred_services_are_read_in_a_second() -> None:
    names = [f"service-{number}" for number in range(300)]
    text = {"f": text_of(a_document("DataSource", "prom"), a_template(",".join(names)))}
    started = time.process_time()
    bundle = formats.read(text)
    assert time.process_time() - started < 1
    assert [one.slug for one in bundle.objectives] == [f"{name}-availability" for name in names]
    assert bundle.findings == ()


def test_too_many_documents_are_refused() -> None:
    bundle = read(a_template("*"), values_of=lambda label: [str(number) for number in range(30_000)])
    assert [one.rule for one in bundle.findings] == ["headroom-values"]


def test_other_kinds_can_be_templates() -> None:
    service = a_document(
        "Service", "$team-desk", metadata__annotations={"headroom/for-each": "team", "headroom/values": "a,b"}
    )
    assert [one.slug for one in formats.read({"f": text_of(service)}).services] == ["a-desk", "b-desk"]
    assert METRIC["metricSource"]["metricSourceRef"] == "prom"
