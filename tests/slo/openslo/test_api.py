"""OpenSLO over REST: YAML and JSON in and out, refusals as findings, and never a failure of ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from rest_framework.test import APIClient

from itsm.accounts.models import Team, User
from slo.measuring.operations.sources import create_source
from slo.models import DataSource, Indicator, Objective
from tests.factories.slo import MEASURER, a_service
from tests.slo.openslo.samples import a_document, text_of
from tests.slo.openslo.test_command_on_desk import SLOTH
from tests.slo.openslo.test_real_files import REAL, VERDICTS
from tests.slo.proving import IN_FULL, TURN
from tests.together import each_of

pytestmark = pytest.mark.django_db

YAML = "application/yaml"


class Caller:
    def __init__(self, client: APIClient) -> None:
        self.client = client

    def post(self, body: str | bytes, query: str = "", kind: str = YAML, **headers: str) -> Any:
        with transaction.atomic():
            return self.client.generic("POST", f"/api/v1/openslo/{query}", body, kind, headers=headers)

    def get(self, query: str = "", accept: str = "*/*") -> Any:
        with transaction.atomic():
            return self.client.get(f"/api/v1/openslo/{query}", headers={"Accept": accept})


@pytest.fixture
def erin(engineer: User, api: Callable[..., APIClient]) -> Caller:
    return Caller(api(engineer))


def a_file(**changes: Any) -> str:
    """A data source and an objective of the service web."""
    return text_of(a_document("DataSource", "prom"), a_document("SLO", "web-availability", **changes))


def test_declared_and_declared_again(erin: Caller) -> None:
    a_service(slug="web")
    answer = erin.post(a_file())
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["created"] == ["prom", "web-availability"]
    assert (said["updated"], said["unchanged"], said["pruned"], said["errors"]) == ([], [], [], [])
    assert said["written"] is True
    objective = Objective.objects.select_related("indicator__data_source", "budget").get(slug="web-availability")
    assert (objective.managed_by, objective.window_days, str(objective.target)) == ("openslo", 28, "0.999000000")
    assert objective.indicator is not None
    assert objective.indicator.server_url == "http://prometheus.example:9090"
    assert objective.budget.state == "not_yet_measured"  # evaluated once, at the end
    again = erin.post(a_file()).json()
    assert (again["created"], again["updated"]) == ([], [])
    assert again["unchanged"] == ["prom", "web-availability"]
    assert again["changes"] == []


def test_what_differs_is_said_and_changed(erin: Caller) -> None:
    a_service(slug="web")
    erin.post(a_file())
    said = erin.post(a_file(spec__objectives__0__target=0.99)).json()
    assert said["updated"] == ["web-availability"]
    assert said["changes"] == [
        {"kind": "objective", "slug": "web-availability", "action": "updated", "fields": {"target": ["0.999", "0.99"]}}
    ]
    assert Objective.objects.get().terms_version == 2


def test_with_one_error_nothing_is_written(erin: Caller) -> None:
    a_service(slug="web")
    files = text_of(a_document("DataSource", "prom"), a_document(), a_document("SLO", "other", spec__service="wep"))
    answer = erin.post(files)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["created"], said["written"]) == ([], False)
    [error] = said["errors"]
    assert set(error) == {"document", "path", "rule", "message"}
    assert (error["document"], error["path"], error["rule"]) == ("body#2", "spec.service", "headroom-unknown-service")
    assert "web" in error["message"]
    assert not DataSource.objects.exists()
    assert not Objective.objects.exists()
    assert not Indicator.objects.exists()


def test_a_dry_run_is_no_answer_to_repeat_and_a_report_is(erin: Caller) -> None:
    key = {"Idempotency-Key": "k"}
    assert erin.post(a_file(), "?dry_run=true", **key).json()["errors"]  # the service is not there yet
    a_service(slug="web")
    assert erin.post(a_file(), "?dry_run=true", **key).json()["errors"] == []
    first, again = (erin.post(a_file(), **{"Idempotency-Key": "real"}) for _ in range(2))
    assert (first.content, again["Idempotent-Replayed"]) == (again.content, "true")


def test_a_dry_run_says_what_would_be(erin: Caller) -> None:
    a_service(slug="web")
    said = erin.post(a_file(), "?dry_run=true").json()
    assert said["created"] == ["prom", "web-availability"]
    assert said["written"] is False
    assert not Objective.objects.exists()


def test_modes(erin: Caller) -> None:
    a_service(slug="web")
    loose = a_file(metadata__displayName="x" * 64)
    strict = erin.post(loose).json()
    assert [one["rule"] for one in strict["errors"]] == ["too-long"]
    lenient = erin.post(loose, "?mode=lenient").json()
    assert lenient["errors"] == []
    assert [one["rule"] for one in lenient["warnings"]] == ["too-long"]
    assert lenient["created"] == ["prom", "web-availability"]


def test_with_a_source_and_new_services(erin: Caller) -> None:
    """A Sloth file on a desk with two sources and no service of that name."""
    for slug in ("one", "two"):
        create_source(actor=MEASURER, slug=slug, url=f"http://{slug}.example:9090")
    refused = erin.post(SLOTH).json()
    assert {(one["path"], one["rule"]) for one in refused["errors"]} == {
        ("service", "headroom-unknown-service"),
        ("slos[0].sli", "headroom-no-data-source"),
    }
    said = erin.post(SLOTH, "?source=one&create_services=true").json()
    assert (said["errors"], said["created"]) == ([], ["parcel-desk", "parcel-desk-answers"])
    assert [one["rule"] for one in said["warnings"]] == ["headroom-service-needs-owner"]
    assert said["changes"][1]["fields"] == {
        "target": ["–", "99.5\N{NARROW NO-BREAK SPACE}%"],
        "window": ["–", "30 days, rolling"],
        "source": ["–", "one"],
        "bad": ["–", 'sum(increase(desk_calls_total{code=~"5.."}[1m]))'],
        "total": ["–", "sum(increase(desk_calls_total[1m]))"],
    }
    for query, field in (("source=three", "source"), ("team=nobody", "team")):
        answer = erin.post(SLOTH, f"?{query}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}"), answer.content


def test_json_goes_in_and_out_exactly(erin: Caller) -> None:
    a_service(slug="web")
    document = '{"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "a"}, "spec": {"service": "web", "timeWindow": [{"duration": "7d", "isRolling": true}], "budgetingMethod": "Occurrences", "indicator": {"metadata": {"name": "i"}, "spec": {"ratioMetric": {"counter": false, "good": {"metricSource": {"type": "Headroom", "spec": {"x": 1}}}, "total": {"metricSource": {"type": "Headroom", "spec": {"x": 1}}}}}}, "objectives": [{"target": 0.999999999}]}}'  # fmt: skip
    said = erin.post(document, kind="application/json").json()
    assert said["created"] == ["a"], said
    answer = erin.get(accept="application/json")
    assert answer["Content-Type"].startswith("application/json")
    assert '"target": 0.999999999' in answer.content.decode()
    assert [one["kind"] for one in answer.json()] == ["Service", "SLO"]
    assert erin.post(answer.content, kind="application/json").json()["unchanged"] == ["web", "a"]


def test_the_export_is_yaml_and_of_one_service_where_asked(erin: Caller) -> None:
    a_service(slug="web")
    a_service(slug="shop")
    erin.post(a_file())
    erin.post(text_of(a_document("DataSource", "prom"), a_document("SLO", "shop-ok", spec__service="shop")))
    answer = erin.get()
    assert answer["Content-Type"] == "application/yaml; charset=utf-8"
    assert len(list(yaml.safe_load_all(answer.content))) == 5
    found = [one["metadata"]["name"] for one in yaml.safe_load_all(erin.get("?service=shop").content)]
    assert found == ["prom", "shop", "shop-ok"]
    assert len(list(yaml.safe_load_all(erin.get("?service=").content))) == 5
    assert erin.get("?service=nobody").status_code == 404
    assert erin.get("?servce=shop").status_code == 400
    assert erin.get("?service=nobody")["Content-Type"] == "application/problem+json"
    erin.get("?service=nobody").json()


@each_of("query", ["?mode=loose", "?prune=yes", "?set=Not+A+Slug", "?prune=", "?dryrun=true", "?set="])
def test_an_unknown_query_is_refused(erin: Caller, query: str) -> None:
    answer = erin.post("", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].lstrip("/") in query


def test_who_may(api: Callable[..., APIClient], engineer: User, auditor: User, requester: User, owner: User) -> None:
    a_service(slug="web", team=Team.objects.create(slug="other", name="Other"))
    assert Caller(api(auditor)).get().status_code == 200
    assert Caller(api(auditor)).post(a_file()).status_code == 403
    assert Caller(api(requester)).get().status_code == 403
    assert Caller(api(engineer, "read")).post(a_file()).status_code == 403
    assert Caller(api(engineer, "slo:write")).post(a_file(), "?dry_run=true").json()["errors"] == []
    # An owner keeps the objectives of their own teams' services only.
    [error] = Caller(api(owner)).post(a_file()).json()["errors"]
    assert (error["path"], error["rule"]) == ("spec.service", "headroom-not-permitted")
    # A token for objectives does not describe services.
    service = text_of(a_document("Service", "new"))
    assert Caller(api(engineer, "slo:write")).post(service).json()["errors"][0]["rule"] == "headroom-unknown-service"
    assert Caller(api(engineer)).post(service).json()["created"] == ["new"]


def test_a_key_stands_for_body_and_query(erin: Caller) -> None:
    a_service(slug="web")
    first = erin.post(a_file(), **{"Idempotency-Key": "k"})
    again = erin.post(a_file(), **{"Idempotency-Key": "k"})
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert erin.post(a_file(), "?dry_run=true", **{"Idempotency-Key": "k"}).status_code == 422


HOSTILE = [
    b"", b"null", b"[]", b"[{}]", b'"x"', b"1", b"{", b"\xff\xfe", b"\x00", b"a: [", b"- - - -", b"[" * 5000, b"{}\x00", b"&a [*a]",
    b'{"apiVersion": "openslo/v1"}', b"!!python/object/apply:os.system [ls]", b"kind: SLO\nmetadata: 7", b'{"a": "\\ud800"}',
    b"x: 1e400", b"x: 0e999999999", b"a: &a [1]\nb: [*a, *a]", b"metadata:\n  annotations:\n    headroom/for-each: service\n",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["application/yaml", "application/x-yaml", "text/yaml", "application/json"])
def test_hostile_text_is_a_finding(erin: Caller, kind: str) -> None:
    for body in HOSTILE:
        answer = erin.post(body, kind=kind)
        assert answer.status_code == 200, (body, answer.content)
        assert answer.json()["created"] == []
        assert answer.json()["errors"], (body, answer.content)


@each_of("word", ["tru", "'x'", "1_000", "undefined", "1e99999999999999999999", "NaN"])
def test_who_says_json_sends_json(erin: Caller, word: str) -> None:
    a_service(slug="web")
    text = text_of(a_document("SLO", "here")).replace('"here"', word)
    said = erin.post(text, kind="application/json").json()
    assert ([one["rule"] for one in said["errors"]], said["written"]) in (
        (["invalid-json"], False),
        (["unreadable-number"], False),
    )


ODD = [
    None, True, -1, 10**30, "", " ", "x" * 5000, "\x00", "\ud800", [], {}, [None], "\u2028", 1e-300, 7.5, "١٢٣", "%00", "$service", "{{service}}",
]  # fmt: skip


@pytest.mark.heavy
def test_every_field_with_anything_in_it(erin: Caller) -> None:
    """Sampled: each value in one field in seven, each text of one annotation in three."""
    a_service(slug="web")
    fields = [
        "metadata__name", "metadata__displayName", "metadata__labels", "metadata__annotations", "spec__description", "spec__service",
        "spec__indicator__metadata__name", "spec__indicator__spec__ratioMetric__total", "spec__timeWindow__0__duration",
        "spec__budgetingMethod", "spec__objectives__0__target", "spec__objectives__0__displayName", "spec__objectives", "spec__timeWindow",
    ]  # fmt: skip
    for turn, value in enumerate(ODD):
        for field in fields if IN_FULL else fields[(turn + TURN) % 7 :: 7]:
            documents = [a_document("DataSource", "prom"), a_document("SLO", "web-availability", **{field: value})]
            answer = erin.post(text_of(*documents), kind="application/json")
            assert answer.status_code == 200, (field, value, answer.content)
    keys = [
        "labels", "alert-rows", "missing-slices", "budget-basis", "gates-from", "environment", "gating", "target",
        "calendar-start", "name", "description",
    ]  # fmt: skip
    texts = [
        "", "x", "[]", "{", '{"a": 1}', '{"a": ["\\ud800"]}', '{"a": ["\\u0000"]}', "y" * 5000, "elapsed", "good", "0.5",
    ]  # fmt: skip
    for turn, text in enumerate(texts):
        for key in keys if IN_FULL else keys[(turn + TURN) % 3 :: 3]:
            document = a_document("SLO", "web-availability", metadata__annotations={f"headroom/{key}": text})
            answer = erin.post(text_of(a_document("DataSource", "prom"), document), kind="application/json")
            assert answer.status_code == 200, (key, text, answer.content)


def test_too_large_and_of_another_kind(erin: Caller) -> None:
    assert erin.post(b"#" * 2_000_001).status_code == 413
    assert erin.post(b"#" * 1_999_999).status_code == 200
    assert erin.post(b"x", kind="text/plain").status_code == 415
    assert erin.post(b"", kind="multipart/form-data; boundary=x").status_code == 415


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data/openslo is not here")
@pytest.mark.parametrize("mode", ["strict", "lenient"])
@each_of("file", VERDICTS)
def test_the_real_files(erin: Caller, file: str, mode: str) -> None:
    """The specification's verdicts arrive; beside them stand only limits of ours."""
    answer = erin.post((Path(REAL) / file).read_bytes(), f"?mode={mode}")
    assert answer.status_code == 200
    said = answer.json()
    expected = [verdict for both in VERDICTS[file] for verdict in both[mode == "lenient"]]
    ours = ("headroom-", "dangling-", "duplicate-")
    found = [f"{one['path']} {one['rule']}" for one in said["errors"] if not one["rule"].startswith(ours)]
    assert found == expected
    assert said["written"] is (said["errors"] == [])
    assert bool(said["created"]) <= said["written"]


def test_the_page_shows_first_and_then_applies(web_page: Any, engineer: User) -> None:
    a_service(slug="web")
    shown = web_page.get("/slos/openslo/")
    assert "checkout-availability" in shown.content.decode()
    looked = web_page.post("/slos/openslo/", {"text": a_file(), "mode": "strict", "set_name": "shop"})
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "web-availability" in page
    assert "Apply exactly this" in page
    assert not Objective.objects.exists()
    applied = web_page.post("/slos/openslo/", {"text": looked.context["said"]["text"], "mode": "strict", "set_name": "shop", "step": "apply"})  # fmt: skip
    assert (applied.status_code, applied["Location"]) == (302, "/slos/")
    assert Objective.objects.get().managed_by == "shop"


def test_the_page_takes_a_source_and_makes_services_with_their_owner(web_page: Any) -> None:
    team = Team.objects.create(slug="parcels", name="Parcels")
    for slug in ("one", "two"):
        create_source(actor=MEASURER, slug=slug, url=f"http://{slug}.example:9090")
    said = {"text": SLOTH, "mode": "strict", "set_name": "shop", "source": "one", "create_services": "on", "team": "parcels"}  # fmt: skip
    page = web_page.post("/slos/openslo/", said).content.decode()
    for words in ("99.5", "30 days, rolling", "sum(increase(desk_calls_total[1m]))", '<input type="hidden" name="team" value="parcels">', '<input type="hidden" name="source" value="one">'):  # fmt: skip
        assert words in page
    assert not Objective.objects.exists()
    assert web_page.post("/slos/openslo/", {**said, "step": "apply"}).status_code == 302
    objective = Objective.objects.select_related("service").get()
    assert objective.service.team == team
    unknown = web_page.post("/slos/openslo/", {**said, "source": "three"})
    assert unknown.status_code == 422


def test_the_page_takes_a_file_and_lists_what_is_wrong(web_page: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    a_service(slug="web")
    common = {"mode": "strict", "set_name": "shop"}
    file = SimpleUploadedFile("slos.yaml", a_file(metadata__displayName="x" * 64).encode())
    wrong = web_page.post("/slos/openslo/", {"file": file, **common})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    for word in ("slos.yaml#1", "metadata.displayName", "too-long"):
        assert word in page
    assert "Apply exactly this" not in page
    lenient = web_page.post(
        "/slos/openslo/", {"text": a_file(metadata__displayName="x" * 64), **common, "mode": "lenient"}
    )
    assert "Worth knowing" in lenient.content.decode()
    for body in (
        {},
        {"text": " "},
        {"file": SimpleUploadedFile("x", b"\xff")},
        {"text": "a", "file": SimpleUploadedFile("x", b"a")},
    ):
        assert web_page.post("/slos/openslo/", {**body, **common}).status_code == 422
    assert not Objective.objects.exists()


def test_the_page_is_for_authors(web: Callable[[User], Any], auditor: User) -> None:
    assert web(auditor).get("/slos/openslo/").status_code == 403


@pytest.fixture
def web_page(web: Callable[[User], Any], engineer: User) -> Any:
    return web(engineer)
