"""Pages of services: who sees and does what, what a form keeps, what a page costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Service
from catalog.services.operations.dependencies import dependency_slugs
from catalog.services.queries import dependencies_of
from itsm.accounts.models import Team, User
from tests.factories.catalog import relies_on

TYPED = {"name": "Shop", "slug": "shop", "tier": "2", "description": "Sells."}

#   role         list  record  new form  edit form
DOORS = [
    ("requester", 200, 200, 403, 403),
    ("agent", 200, 200, 403, 403),
    ("engineer", 200, 200, 200, 200),
    ("approver", 200, 200, 403, 403),
    ("manager", 200, 200, 200, 200),
    ("owner", 200, 200, 200, 200),
    ("auditor", 200, 200, 403, 403),
    ("admin", 200, 200, 200, 200),
]


def service(slug: str = "shop", **fields: Any) -> Service:
    return Service.objects.create(slug=slug, name=slug.title(), **fields)


@pytest.mark.parametrize(("role", "listing", "record", "new", "edit"), DOORS)
def test_doors(role: str, listing: int, record: int, new: int, edit: int, person: Any, web: Any) -> None:
    service()
    browser = web(person(role))
    paths = ["/services/", "/services/shop/", "/services/new/", "/services/shop/edit/"]
    assert [browser.get(path).status_code for path in paths] == [listing, record, new, edit]


def test_an_engineer_of_another_team_may_not_edit(
    engineer: User, payments: Team, web: Callable[[User], Client]
) -> None:
    service(team=payments)
    assert web(engineer).get("/services/shop/edit/").status_code == 403
    assert web(engineer).post("/services/shop/edit/", TYPED).status_code == 403


def test_a_new_service_is_shown(engineer: User, web: Callable[[User], Client]) -> None:
    other = service("bank")
    answer = web(engineer).post("/services/new/", {**TYPED, "depends_on": [str(other.pk)]})
    assert (answer.status_code, answer["Location"]) == (302, "/services/shop/")
    assert dependency_slugs(Service.objects.get(slug="shop")) == ["bank"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"slug": "Bad Slug"}, 422), ({"name": ""}, 422), ({"tier": "9"}, 422), ({"slug": "bank"}, 409)],
)
def test_a_refused_form_keeps_what_was_typed(change: Any, status: int, engineer: User, web: Any) -> None:
    service("bank")
    answer = web(engineer).post("/services/new/", {**TYPED, **change})
    assert answer.status_code == status
    assert "Sells." in answer.content.decode()
    assert not Service.objects.filter(name="Shop").exists()


def test_a_service_changed_meanwhile_is_not_overwritten(manager: User, web: Callable[[User], Client]) -> None:
    shop = service()
    browser = web(manager)
    assert browser.post("/services/shop/edit/", {**TYPED, "version": "1"}).status_code == 302
    late = browser.post("/services/shop/edit/", {**TYPED, "name": "Late", "version": "1"})
    assert late.status_code == 412
    assert 'value="Late"' in late.content.decode()
    shop.refresh_from_db()
    assert shop.name == "Shop"
    assert f'name="version" value="{shop.version}"' in late.content.decode(), "sending it again means it"


def test_editing_keeps_redundancy_groups(manager: User, web: Callable[[User], Client]) -> None:
    shop, one, two = service(), service("one"), service("two")
    relies_on(shop, one, two)
    web(manager).post("/services/shop/edit/", {**TYPED, "version": "1"})
    assert [bool(arrow.redundancy) for arrow in dependencies_of([shop.pk])[shop.pk]] == [True, True]


def test_the_page_offers_the_line_that_asks(engineer: User, web: Callable[[User], Client]) -> None:
    service()
    page = web(engineer).get("/services/shop/").content.decode()
    assert "/api/v1/gate-evaluations/" in page
    assert "&quot;service&quot;" not in page, "what is copied must be what is sent"


def test_the_picture_names_both_directions(engineer: User, web: Callable[[User], Client]) -> None:
    shop, bank, app = service(), service("bank"), service("app")
    relies_on(shop, bank)
    relies_on(app, shop)
    picture = web(engineer).get("/services/shop/graph/").json()
    assert {node["label"] for node in picture["nodes"]} == {"Shop", "Bank", "App"}
    assert {(edge["from"], edge["to"]) for edge in picture["edges"]} == {(shop.pk, bank.pk), (app.pk, shop.pk)}


def queries_of(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_the_list_costs_the_same_however_long(engineer: User, payments: Team, web: Callable[[User], Client]) -> None:
    service("s0", team=payments)
    browser = web(engineer)
    before = queries_of(browser, "/services/")
    for n in range(1, 21):
        service(f"s{n}", team=payments)
    assert queries_of(browser, "/services/") == before <= 12


def test_fifty_rows_weigh_less_than_60_kb(engineer: User, payments: Team, web: Callable[[User], Client]) -> None:
    Service.objects.bulk_create(
        Service(slug=f"a-rather-long-slug-{n}", name="A service with a rather long name", team=payments)
        for n in range(60)
    )
    assert len(web(engineer).get("/services/").content) < 60_000
