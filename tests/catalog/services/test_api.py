"""Services over REST: dependencies, redundancy, who may describe what."""

from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.models import Service
from catalog.services.operations.dependencies import dependency_slugs
from catalog.services.queries import reached_from
from changes.models import ChangeModel
from itsm.accounts.models import User
from itsm.notifications.web_addresses import our_address
from tests.api.world import World, bearer, token_of
from tests.together import each_of

pytestmark = pytest.mark.django_db
SERVICES = "/api/v1/services/"


@pytest.fixture(autouse=True)
def company(world: World) -> None:
    """Every test here is about the services of the standing company."""


def client(name: str = "owner") -> APIClient:
    return bearer(token_of(User.objects.get(username=name)))


def create(slug: str, *depends_on: Any, by: str = "owner", **fields: Any) -> Any:
    body = {"slug": slug, "name": slug.title(), "tier": 2, "depends_on": list(depends_on), **fields}
    with transaction.atomic():
        return client(by).post(SERVICES, body, format="json")


def test_a_service_is_shown_as_it_was_sent() -> None:
    group = {"any_of": ["checkout", "ledger"], "needs": 1}
    made = create("shop", group, team="payments", description="Sells")
    assert made.status_code == 201
    assert made["Location"] == our_address(f"{SERVICES}shop/")
    read = client().get(f"{SERVICES}shop/").json()
    assert read == made.json()
    assert read["depends_on"] == [group]
    assert (read["team"], read["version"]) == ("payments", 1)


@pytest.mark.parametrize(
    ("depends_on", "why"),
    [
        (["nope"], "There is no service called nope."),
        ([{"any_of": [], "needs": 1}], "Send a service's slug, or {any_of: [slugs], needs: n}."),
        ([{"any_of": ["ledger"], "needs": 1, "x": 1}], "Send a service's slug, or {any_of: [slugs], needs: n}."),
        ([{"any_of": ["ledger"], "needs": True}], "Send a service's slug, or {any_of: [slugs], needs: n}."),
    ],
)
def test_a_dependency_that_makes_no_sense_is_explained(depends_on: list[Any], why: str) -> None:
    answer = create("shop", *depends_on)
    assert answer.status_code == 400
    assert why in answer.json()["detail"]


@pytest.mark.parametrize(
    "depends_on",
    [["ledger", "ledger"], ["ledger", {"any_of": ["ledger", "checkout"], "needs": 1}],
    [{"any_of": ["ledger"], "needs": 2}],
     [{"any_of": ["ledger"], "needs": 0}], [{"any_of": ["ledger"], "needs": 10**12}]],
)  # fmt: skip
def test_a_dependency_that_cannot_be_is_refused_and_nothing_is_made(depends_on: list[Any]) -> None:
    assert create("shop", *depends_on).status_code == 400
    assert not Service.objects.filter(slug="shop").exists()


def test_a_service_does_not_depend_on_itself() -> None:
    with transaction.atomic():
        answer = client().patch(f"{SERVICES}ledger/", {"depends_on": ["ledger"]}, format="json", HTTP_IF_MATCH='"1"')
    assert answer.status_code == 400
    assert not dependency_slugs(Service.objects.get(slug="ledger"))


def test_a_taken_slug_is_a_conflict() -> None:
    answer = create("ledger")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


@each_of("slug", ["A", "a b", "-a", "a-", "a" * 64, "ä", "a_b", "a.b", "", "a/b", "١"])
def test_a_slug_has_its_shape(slug: str) -> None:
    assert create(slug).status_code == 400


@pytest.mark.parametrize(
    ("by", "status"), [("owner", 201), ("admin", 201), ("engineer", 403), ("manager", 403), ("pipeline", 403)]
)
def test_only_an_owner_or_administrator_makes_deployments_standard(by: str, status: int) -> None:
    assert create("shop", by=by, standard_deployments=True).status_code == status
    assert ChangeModel.objects.filter(service__slug="shop").count() == (status == 201)
    assert Service.objects.filter(slug="shop").count() == (status == 201)


def test_the_owner_team_edits_its_services() -> None:
    body, path = {"name": "Till"}, f"{SERVICES}checkout/"
    for name, status in (("author", 403), ("pipeline", 403), ("engineer", 200)):
        with transaction.atomic():
            assert client(name).patch(path, body, format="json", HTTP_IF_MATCH='"1"').status_code == status, name


def test_redundancy_saves_what_loses_one_of_two() -> None:
    create("east")
    create("west")
    create("cdn", {"any_of": ["east", "west"], "needs": 1})
    create("shop", "cdn")
    ids = dict(Service.objects.values_list("slug", "pk"))
    assert reached_from([ids["east"]]) == []
    assert {one.service_id for one in reached_from([ids["east"], ids["west"]])} == {ids["cdn"], ids["shop"]}


def test_loops_and_depth_end() -> None:
    create("a")
    create("b", "a")
    client().patch(f"{SERVICES}a/", {"depends_on": ["b"]}, format="json", HTTP_IF_MATCH='"1"')
    ids = dict(Service.objects.values_list("slug", "pk"))
    assert [one.service_id for one in reached_from([ids["a"]])] == [ids["b"]]
    for number in range(8):
        create(f"n{number}", f"n{number - 1}" if number else "ledger")
    ids = dict(Service.objects.values_list("slug", "pk"))
    assert max(one.depth for one in reached_from([ids["ledger"]])) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [("tier=1", {"checkout", "ledger"}), ("tier=4", set()), ("team=payments", {"checkout", "ledger"}),
    ("text=LEDG", {"ledger"}),
     ("team=none", set()), ("text=%25", set()), ("text=_", set()), ("text=checkout&tier=1", {"checkout"})],
)  # fmt: skip
def test_filters_mean_what_they_say(query: str, found: set[str]) -> None:
    assert {one["slug"] for one in client("agent").get(f"{SERVICES}?{query}").json()["results"]} == found


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    caller = client()
    caller.get(SERVICES)
    with CaptureQueriesContext(connection) as few:
        caller.get(SERVICES)
    for number in range(30):
        create(f"s-{number}", "ledger", "checkout")
    with CaptureQueriesContext(connection) as many:
        caller.get(SERVICES)
    assert len(many) == len(few)
