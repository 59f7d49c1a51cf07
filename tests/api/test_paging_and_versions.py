"""Cursors, versions, and the refusal of what was not read."""

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.services import operations as catalog
from tests.api.world import SYSTEM, World, bearer, token_of
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world: World) -> APIClient:
    return bearer(token_of(world.people["admin"]))


def _service(number: int) -> None:
    catalog.create_service(actor=SYSTEM, slug=f"service-{number}", name="S", tier=4)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_paging_neither_repeats_nor_misses_while_rows_are_added(admin: APIClient, size: int) -> None:
    for number in range(20):
        _service(number)
    seen, address, page = [], f"/api/v1/services/?page_size={size}", 0
    while address:
        answer = admin.get(address).json()
        seen += [one["slug"] for one in answer["results"]]
        address, page = answer["next"], page + 1
        _service(100 + page)
    assert len(seen) == len(set(seen))
    assert set(seen) == {f"service-{number}" for number in range(20)} | {"checkout", "ledger"}


def test_one_can_page_back(admin: APIClient) -> None:
    for number in range(9):
        _service(number)
    first = admin.get("/api/v1/services/?page_size=4").json()
    second = admin.get(first["next"]).json()
    assert admin.get(second["previous"]).json()["results"] == first["results"]


def test_a_page_has_at_most_200_rows(admin: APIClient) -> None:
    for number in range(205):
        _service(number)
    assert len(admin.get("/api/v1/services/?page_size=5000").json()["results"]) == 200


WHOLE = (
    "ci-claim-list", "incident-routing-list", "measure-forecast", "ci-impact", "service-gate", "openslo-list", "slo-budget",
    "slo-forecast", "incident-labels", "incident-next", "incident-report", "desk-report", "toil-report", "cab-value", "start-up", "start-up-past", "completeness", "security", "change-cost", "change-conflicts", "change-slots",
    "calendar-of-period", "article-suggest",
)  # fmt: skip


@each_of("route", WHOLE)
def test_what_comes_whole_has_no_pages(world: World, admin: APIClient, route: str) -> None:
    for asked in ("page_size=AAA", "page_size=1", "cursor=x"):
        answer = admin.get(f"{world.path(route)}?{asked}")
        assert answer.status_code == 400
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"/{asked.partition('=')[0]}"]


EDITS = ("service-detail", "incident-detail", "slo-detail")


@pytest.mark.parametrize("route", EDITS)
def test_an_edit_needs_the_version_that_was_read(world: World, admin: APIClient, route: str) -> None:
    path, body = world.path(route), world.body(route, "PATCH")
    read = admin.get(path)
    tag = read["ETag"]
    assert tag == f'"{read.json()["version"]}"'
    for headers, status, kind in (
        ({}, 428, "version-required"),
        ({"HTTP_IF_MATCH": '"99"'}, 412, "stale-version"),
        ({"HTTP_IF_MATCH": '"0"'}, 412, "stale-version"),
    ):
        with transaction.atomic():
            answer = admin.patch(path, body, format="json", **headers)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
    edited = admin.patch(path, body, format="json", HTTP_IF_MATCH=tag)
    assert edited.status_code == 200
    assert edited["ETag"] == f'"{edited.json()["version"]}"' != tag
    with transaction.atomic():
        again = admin.patch(path, body, format="json", HTTP_IF_MATCH=tag)
    assert again.status_code == 412
    assert again.json()["version"] == edited.json()["version"]


@pytest.mark.parametrize("route", EDITS)
def test_an_edit_that_changes_nothing_keeps_the_version(world: World, admin: APIClient, route: str) -> None:
    path, body = world.path(route), world.body(route, "PATCH")
    first = admin.patch(path, body, format="json", HTTP_IF_MATCH=admin.get(path)["ETag"])
    second = admin.patch(path, body, format="json", HTTP_IF_MATCH=first["ETag"])
    assert second.status_code == 200
    assert second["ETag"] == first["ETag"]


def test_new_arrows_are_a_new_version(world: World, admin: APIClient) -> None:
    read = admin.get("/api/v1/services/ledger/")
    body = {"depends_on": ["checkout"]}
    edited = admin.patch("/api/v1/services/ledger/", body, format="json", HTTP_IF_MATCH=read["ETag"])
    assert edited.json()["version"] == read.json()["version"] + 1
    with transaction.atomic():
        stale = admin.patch("/api/v1/services/ledger/", {"depends_on": []}, format="json", HTTP_IF_MATCH=read["ETag"])
    assert stale.status_code == 412


def test_an_empty_form_is_not_taken_for_a_document(world: World, admin: APIClient) -> None:
    path = world.path("incident-detail")
    admin.patch(path, {"priority": 2}, format="json", HTTP_IF_MATCH='"1"')
    with transaction.atomic():
        answer = admin.generic("PATCH", path, b"", "application/x-www-form-urlencoded", HTTP_IF_MATCH='"2"')
    assert answer.status_code == 415
    assert admin.get(path).json()["priority"] == 2


@each_of(
    "sent",
    ['"1"', "1", 'W/"1"', '"v1"', '"1-gzip"', '"1;gzip"', 'W/"1-gzip"', '"1-br"', '"1", "1-gzip"', 'W/"1" , "1;gzip"'],
)
def test_a_version_is_known_in_whatever_spelling_a_proxy_gives_it(world: World, admin: APIClient, sent: str) -> None:
    path, body = world.path("incident-detail"), {"title": f"Slower {sent}"}
    answer = admin.patch(path, body, format="json", HTTP_IF_MATCH=sent)
    assert (answer.status_code, answer["ETag"]) == (200, '"2"'), answer.content
    assert admin.patch(path, body | {"title": "x"}, format="json", HTTP_IF_MATCH=sent).status_code == 412


@each_of("sent", ['"1", "2"', '"1", x', '"1-rot13"', '"1-"', '"1-gzip', "1-gzip, ", '"gzip"'])
def test_what_names_no_one_version_is_refused(world: World, admin: APIClient, sent: str) -> None:
    answer = admin.patch(world.path("incident-detail"), {"title": "x"}, format="json", HTTP_IF_MATCH=sent)
    assert answer.status_code == 400


@each_of("query", ["gating=null", "gating=", "gating=1", "state=", "gating=true&gating=false"])
def test_a_filter_that_is_no_value_does_not_return_everything(admin: APIClient, query: str) -> None:
    answer = admin.get(f"/api/v1/slos/?{query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-input")
