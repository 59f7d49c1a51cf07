"""Importing files: what is made, changed, left, retired; and that an export changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Service
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from slo.measuring import operations as measuring_operations
from slo.models import Budget, DataSource, Indicator, Objective, ObjectiveVersion
from slo.objectives import operations
from slo.objectives import operations as objectives_operations
from slo.objectives.queries.members import current_members
from slo.openslo.formats.writing import yaml_of
from slo.openslo.operations.applying import apply
from slo.openslo.operations.outcome import Outcome
from slo.openslo.queries import exported
from tests.factories.slo import MEASURER, T0, a_service, an_indicator, an_objective, measured, steady
from tests.slo.openslo.samples import GONE, a_document, text_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def web(db: None) -> Service:
    return a_service(slug="web")


def said(*documents: dict[str, Any], **options: Any) -> Outcome:
    """Imported by the system, unless said otherwise."""
    text = text_of(a_document("DataSource", "prom"), *documents)
    return apply({"f": text}, **{"actor": MEASURER, "at": T0, "mode": "lenient"} | options)


def rules(outcome: Outcome) -> list[str]:
    return [one.rule for one in outcome.errors]


def actions(outcome: Outcome, kind: str = "objective") -> dict[str, str]:
    return {one.slug: one.action for one in outcome.changes if one.kind == kind}


def everything(web: Service) -> None:
    """An objective of every method, window, kind, source, and with every extra."""
    prom = measuring_operations.create_source(actor=MEASURER, slug="prom", url="http://prom.example:9090", name="The Prometheus", auth="bearer", credential="prom-token")  # fmt: skip
    measuring_operations.create_source(actor=MEASURER, slug="thanos", url="https://thanos.example/x/")

    def pulled(slug: str, **definition: Any) -> Indicator:
        return an_indicator(slug=slug, source="prometheus", data_source=prom, **definition)

    ratio = pulled("ratio", good_query="sum(\n  a\n)", total_query="b", counter=True, name="Requests — all")
    bad = pulled("bad", bad_query='x{y="z\\n"}', total_query="b", step_minutes=5)
    threshold = pulled("latency", measure="threshold", value_query="q", op="lt", threshold=D("0.25"))
    pushed = an_indicator(slug="pushed", measure="threshold", op="gte", threshold=D("1000000"), step_minutes=10)
    raw = pulled("raw", measure="raw", value_query="q")
    uptime = an_indicator(slug="uptime", source="uptime", check={"way": "http", "url": "https://web.example/"})
    long = {"name": "n" * 120, "description": "d" * 1050}
    labels = {"team": ["a"], "tiers": ["x", "y"], "none": [], "free text?": ["é"], "headroom/mine": ["1"]}
    slices = {"method": "timeslices", "time_slice_target": D("0.95"), "time_slice_minutes": 5}
    shares = {"method": "ratio_timeslices", "time_slice_minutes": 60, "missing_slices": "bad"}
    terms: list[dict[str, Any]] = [
        {"indicator": ratio, "labels": labels, "annotations": {"a.example/b": "c", "d": ""}, **long},
        {"indicator": bad, "gating": False, "alert_rows": [], "window_days": 7, "environment": "staging"},
        {"indicator": threshold, "alert_rows": ["3d", "1h"], **slices, "missing_slices": "good"},
        {"indicator": raw, **shares, "calendar": {"unit": "month", "zone": "Europe/Berlin", "count": 2, "start": None}},
        {"indicator": pushed, "calendar": {"unit": "week", "zone": "UTC", "count": 1, "start": "2022-01-03 12:00:00"}, "budget_basis": "elapsed"},
        {"indicator": uptime, "calendar": {"unit": "year", "zone": "America/New_York"}, "target": D("0.999999999")},
        {"indicator": raw, "calendar": {"unit": "quarter", "zone": "UTC"}, "method": "ratio_timeslices", "budget_basis": "elapsed"},
    ]  # fmt: skip
    for number, one in enumerate(terms):
        an_objective(slug=f"o{number}", service=web, managed_by="", **one)
    member = objectives_operations.MemberTerms
    pairs: list[dict[str, Any]] = [
        {"members": [member(ratio, D("0.99"), D("2.5")), member(uptime, D("0.999"))]},
        {"members": [member(ratio, D("0.99"), D("0.000001")), member(raw, D("0.9"), D(1000))], **shares, "target": D("0.5")},
        {"members": [member(ratio, D("0.99")), member(threshold, D("0.98"), D(1), D("0.5"))], **slices, "target": D("0.97")},
    ]  # fmt: skip
    for number, one in enumerate(pairs):
        operations.create_objective(**{"actor": MEASURER, "at": T0, "slug": f"c{number}", "name": "C", "service": web, "target": D("0.998")} | one)  # fmt: skip


def pictures() -> list[Any]:
    tables = (Objective, Indicator, DataSource, ObjectiveVersion, Service)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_an_export_imported_changes_nothing(web: Service) -> None:
    everything(web)
    before, text = pictures(), yaml_of(exported(MEASURER))
    for options in ({}, {"set_name": "other", "prune": True}):
        outcome = apply({"f": text}, actor=MEASURER, at=T0, **options)  # type: ignore[arg-type]
        assert outcome.findings == ()
        assert {one.action for one in outcome.changes} == {"unchanged"}
        assert len(outcome.changes) == 12  # ten objectives, their service, the one source that is used
        assert pictures() == before
    assert "prom-token" not in text


def test_an_export_makes_the_same_elsewhere(web: Service) -> None:
    everything(web)
    text = yaml_of(exported(MEASURER))
    for one in Objective.objects.all():
        operations.retire_objective(one, actor=MEASURER, version=one.version, at=T0)
    assert yaml_of(exported(MEASURER)) == ""
    outcome = apply({"f": text}, actor=MEASURER, at=T0)
    assert outcome.errors == []
    assert set(actions(outcome).values()) == {"updated"}
    assert yaml_of(exported(MEASURER)) == text


def test_objectives_are_made_with_all_that_is_said(web: Service) -> None:
    composite = [
        {"target": D("0.99"), "compositeWeight": D("0.1234567"), "indicator": a_document()["spec"]["indicator"]},
        {"target": D("0.98"), "indicatorRef": "other"},
    ]
    outcome = said(
        a_document("SLI", "other"),
        a_document("SLO", "both", spec__objectives=composite, spec__indicator=GONE),
        a_document(metadata__labels={"team": "a"}, metadata__annotations={"headroom/gating": "false", "x": "y"}),
    )
    assert outcome.errors == []
    assert actions(outcome) == {"both": "created", "web-availability": "created"}
    assert actions(outcome, "indicator") == {"web-ok": "created", "other": "created"}
    both, single = Objective.objects.get(slug="both"), Objective.objects.get(slug="web-availability")
    assert [(one.indicator.slug, one.weight) for one in current_members(both)] == [
        ("web-ok", D("0.123457")),
        ("other", D(1)),
    ]
    assert (single.labels, single.annotations, single.gating) == ({"team": ["a"]}, {"x": "y"}, False)
    assert Budget.objects.count() == 2
    assert actions(said(a_document("SLI", "other"), a_document("SLO", "both", spec__objectives=composite, spec__indicator=GONE))) == {"both": "unchanged"}  # fmt: skip


def test_another_definition_is_another_indicator(web: Service) -> None:
    said(a_document())
    changed = a_document(spec__indicator__spec__ratioMetric__total__metricSource__spec__query="up")
    outcome = said(changed)
    assert [one.rule for one in outcome.warnings] == ["headroom-new-indicator"]
    assert actions(outcome, "indicator") == {"web-ok-2": "created"}
    [change] = [one for one in outcome.changes if one.kind == "objective"]
    assert change.fields == {"indicator": ("web-ok", "web-ok-2")}
    assert set(actions(said(changed)).values()) == {"unchanged"}  # and no web-ok-3
    assert said(changed).warnings == []
    back = said(a_document())
    assert [one.fields for one in back.changes if one.kind == "objective"] == [{"indicator": ("web-ok-2", "web-ok")}]
    assert Indicator.objects.count() == 2
    third = said(a_document(spec__indicator__spec__ratioMetric__total__metricSource__spec__query="other"))
    assert actions(third, "indicator") == {"web-ok-3": "created"}


def test_a_numbered_name_that_is_taken_or_too_long(web: Service) -> None:
    an_indicator(slug="x" * 63)
    an_indicator(slug="x" * 61 + "-2")
    outcome = said(a_document(spec__indicator__metadata__name="x" * 63))
    assert actions(outcome, "indicator") == {"x" * 61 + "-3": "created"}


def test_thresholds_that_cannot_be_kept(web: Service) -> None:
    def imported(value: Any) -> Outcome:
        metric = a_document()["spec"]["indicator"]["spec"]["ratioMetric"]["total"]
        inline = {"metadata": {"name": "latency"}, "spec": {"thresholdMetric": metric}}
        entry = {"target": D("0.9"), "op": "lt", "value": value}
        return said(a_document(spec__indicator=inline, spec__objectives=[entry]))

    assert rules(imported(D("0.0000000001"))) == ["headroom-threshold-digits"]
    assert rules(imported(D(10) ** 21)) == ["headroom-threshold-digits"]
    for value in (D("0.000000001"), D(10) ** 15, 0):
        assert rules(imported(value)) == []
        assert "unchanged" in actions(imported(value)).values()


def test_data_sources(web: Service) -> None:
    url = "spec__connectionDetails"
    assert said().slugs("created") == ["prom"]
    moved = apply(
        {"f": text_of(a_document("DataSource", "prom", **{url: {"url": "http://new.example/"}}))}, actor=MEASURER, at=T0
    )
    assert [(one.action, one.fields) for one in moved.changes] == [
        ("updated", {"url": ("http://prometheus.example:9090", "http://new.example")})
    ]
    other = a_document("DataSource", "dd", spec__type="Datadog")
    outcome = apply({"f": text_of(other)}, actor=MEASURER, at=T0)
    assert [one.rule for one in outcome.warnings] == ["headroom-data-source-type"]
    ftp = a_document("DataSource", "ftp", **{url: {"url": "ftp://x"}})
    outcome = apply({"f": text_of(ftp)}, actor=MEASURER, at=T0)
    assert [(one.path, one.rule) for one in outcome.errors] == [("spec.connectionDetails", "headroom-refused")]


def test_prometheus_without_a_source(web: Service) -> None:
    ratio = {"good": {"metricSource": {"type": "Prometheus", "spec": {"query": "a"}}}, "total": {"metricSource": {"type": "Prometheus", "spec": {"query": "b"}}}}  # fmt: skip
    document = text_of(a_document(spec__indicator__spec__ratioMetric={"counter": False, **ratio}))

    def outcome() -> Outcome:
        return apply({"f": document}, actor=MEASURER, at=T0)

    assert rules(outcome()) == ["headroom-no-data-source"]
    source = measuring_operations.create_source(actor=MEASURER, slug="only", url="http://only.example")
    assert rules(outcome()) == []
    assert Indicator.objects.get().data_source == source
    measuring_operations.create_source(actor=MEASURER, slug="second", url="http://second.example")
    assert rules(outcome()) == ["headroom-no-data-source"]


def test_a_source_that_is_known_needs_no_document(web: Service) -> None:
    said()
    outcome = apply({"f": text_of(a_document())}, actor=MEASURER, at=T0)
    assert outcome.errors == []
    outcome = apply({"f": text_of(a_document()).replace("metricSourceRef: prom", "metricSourceRef: pram").replace('"prom"', '"pram"')}, actor=MEASURER, at=T0)  # fmt: skip
    assert rules(outcome)[0] == "dangling-reference"


def test_services_are_made_where_one_may(web: Service, as_actor: Callable[..., Actor], owner: User) -> None:
    outcome = said(a_document("Service", "shop", metadata__displayName="The shop"), a_document(spec__service="shop"))
    assert outcome.errors == []
    made = Service.objects.get(slug="shop")
    assert (made.name, made.description, made.tier) == ("The shop", "The shop.", 3)
    reader = as_actor(owner, Door.API).narrowed(["slo:write"])
    outcome = said(a_document("Service", "wep"), actor=reader)
    [error] = outcome.errors
    assert (error.rule, error.path) == ("headroom-unknown-service", "metadata.name")
    assert "web" in error.message


def test_what_others_keep_is_left_alone(web: Service) -> None:
    kept = an_objective(slug="web-availability", service=web)
    outcome = said(a_document())
    assert rules(outcome) == ["headroom-managed-elsewhere"]
    adopted = said(a_document(), adopt=True)
    [change] = [one for one in adopted.changes if one.kind == "objective"]
    assert change.action == "updated"
    assert change.fields["managed_by"] == ("–", "openslo")
    kept.refresh_from_db()
    assert (kept.managed_by, kept.indicator.slug if kept.indicator else "") == ("openslo", "web-ok")
    assert set(actions(said(a_document(), set_name="second")).values()) == {"unchanged"}
    different = a_document(spec__description="Else")
    assert rules(said(different, set_name="second")) == ["headroom-managed-elsewhere"]
    assert rules(said(different, set_name="second", adopt=True)) == ["headroom-managed-elsewhere"]


def test_pruning_retires_those_of_the_set_and_they_come_back(web: Service) -> None:
    first, second = a_document(), a_document("SLO", "second")
    said(first, second)
    said(a_document("SLO", "theirs"), set_name="other")
    an_objective(slug="by-hand", service=web)
    assert actions(said(first)) == {"web-availability": "unchanged"}
    outcome = said(first, prune=True)
    assert outcome.slugs("pruned") == ["second"]
    assert set(Objective.objects.in_force().values_list("slug", flat=True)) == {"web-availability", "theirs", "by-hand"}
    assert said(first, prune=True).slugs("pruned") == []
    back = said(first, second, prune=True)
    assert back.slugs("updated") == ["second"]
    assert Objective.objects.get(slug="second").retired_at is None
    assert rules(said(prune=True)) == ["headroom-nothing-declared"]
    # What one set gave up another one may take.
    said(first, prune=True)
    taken = said(second, set_name="other")
    assert taken.slugs("updated") == ["second"]
    assert Objective.objects.get(slug="second").managed_by == "other"


def test_a_budget_that_stops_changes_is_not_relaxed(
    web: Service, as_actor: Callable[..., Actor], engineer: User, manager: User
) -> None:
    said(a_document(), a_document("SLO", "second", spec__indicator__metadata__name="second-ok", spec__indicator__spec__ratioMetric={"counter": False, "good": {"metricSource": {"type": "Headroom", "spec": {"x": 1}}}, "total": {"metricSource": {"type": "Headroom", "spec": {"x": 1}}}}))  # fmt: skip
    exhausted = Objective.objects.get(slug="second")
    indicator = Indicator.objects.get(slug="second-ok")
    measured(indicator, steady(T0, 60, bad=900), T0)
    operations.evaluate(at=T0, objectives=[exhausted.pk])
    assert Budget.objects.get(pk=exhausted.pk).level == "exhausted"
    actor = as_actor(engineer)
    later = T0 + timedelta(minutes=1)
    outcome = said(a_document(), prune=True, actor=actor, at=later)
    assert [(one.document, one.rule) for one in outcome.errors] == [("second", "headroom-refused")]
    assert not outcome.written
    assert said(a_document(), prune=True, actor=as_actor(manager), at=later).slugs("waits") == ["second"]
    assert Objective.objects.get(slug="second").retired_at is None, "a second person confirms it first"


def test_refusals_of_operations_say_where(web: Service) -> None:
    unreachable = a_document(spec__objectives__0__target=D("0.5"), metadata__annotations={"headroom/alert-rows": "1h"})
    [error] = said(unreachable).errors
    assert (error.document, error.rule) == ("f#1", "headroom-refused")
    assert error.path == "metadata.annotations['headroom/alert-rows']"
    said(a_document())
    elsewhere = a_document(metadata__annotations={"headroom/environment": "staging"})
    assert [(one.path, one.rule) for one in said(elsewhere).errors] == [("spec.service", "headroom-refused")]


def test_templates_for_every_service(web: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    a_service(slug="shop")
    template = {"headroom/for-each": "service", "headroom/values": "*"}
    changes = {
        "metadata__annotations": template,
        "spec__service": "$service",
        "spec__indicator__metadata__name": "$service-ok",
    }
    outcome = said(a_document("SLO", "$service-availability", **changes))
    assert actions(outcome) == {"shop-availability": "created", "web-availability": "created"}
    by_job = a_document("SLO", "$job-up", **changes | {"metadata__annotations": template | {"headroom/for-each": "job"}, "spec__service": "web", "spec__indicator__metadata__name": "$job-ok"})  # fmt: skip
    monkeypatch.setattr("slo.openslo.queries.label_values", lambda server, label: [f"{label}-one", f"{label}-two"])
    assert actions(said(by_job)) == {"job-one-up": "created", "job-two-up": "created"}
    monkeypatch.undo()
    outcome = said(by_job)
    assert rules(outcome) == ["headroom-values"]
    measuring_operations.create_source(actor=MEASURER, slug="second", url="http://second.example")
    assert "exactly one" in said(by_job).errors[0].message


def test_many_are_evaluated_once(web: Service) -> None:
    values = ",".join(f"s{number}" for number in range(30))
    annotations = {"headroom/for-each": "part", "headroom/values": values}
    template = a_document("SLO", "$part", metadata__annotations=annotations, spec__indicator__metadata__name="$part-ok")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outcome = said(template)
    assert len(outcome.slugs("created")) == 31
    # The import's turn, the evaluation's, and one evaluation.
    assert sum("pg_advisory_xact_lock" in one["sql"] for one in queries) == 3
    assert Budget.objects.count() == 30
    assert said(template, most=29).errors[0].rule == "headroom-too-many"
    with CaptureQueriesContext(connection) as queries:
        assert said(template).slugs("updated") == []
    assert len(queries) < 30 * 8, len(queries)
