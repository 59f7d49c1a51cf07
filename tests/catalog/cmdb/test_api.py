"""Configuration items over REST: filters by class and typed fields, history, impact, and what is not to be seen."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.cmdb import operations
from catalog.models import CI, Condition
from itsm.accounts.models import User
from itsm.fields import operations as fields
from itsm.kernel.actors import Actor
from tests.factories.catalog import KEEPER, an_item, joined
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
SignIn = Callable[..., APIClient]
ADMIN = Actor.system("tests")


def refs(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["reference"] for one in answer.json()["results"]]


def test_a_new_class_with_five_fields_is_in_rest_and_its_filters_at_once(
    api: SignIn, admin: User, manager: User
) -> None:
    boss = api(admin)
    made = boss.post("/api/v1/ci-classes/", {"slug": "scanner", "name": "Scanner", "parent": "printer"}, format="json")
    assert (made.status_code, made.json()["owner"]) == (201, "ci:scanner")
    kinds = {"memory": "whole", "price": "decimal", "bought": "date", "colour": "yes_no", "site": "text"}
    for key, kind in kinds.items():
        body = {"owner": "ci:scanner", "key": key, "kind": kind, "label": key.title()}
        assert boss.post("/api/v1/fields/", body, format="json").status_code == 201
    client, sent = api(manager), []
    for number in (1, 2, 3):
        values = {
            "memory": 8 * number,
            "price": f"{number}.50",
            "site": f"Oslo {number}",
            "bought": f"2026-0{number}-01",
        }
        body = {"class": "scanner", "name": f"Scanner {number}", "attributes": values}
        answer = client.post("/api/v1/cis/", body, format="json")
        assert answer.status_code == 201, answer.content
        sent.append(answer.json()["reference"])
    asked = {
        "class=printer&attr.memory__gte=16": [sent[2], sent[1]],
        "class=scanner&attr.memory__gte=9&attr.memory__lte=16": [sent[1]],
        "attr.site__in=Oslo 1,Oslo 3": [sent[2], sent[0]],
        "attr.price=2.5": [sent[1]],
        "attr.bought__lte=2026-01-31": [sent[0]],
        "attr.colour__empty=true&text=scanner": sent[::-1],
        "class=server&attr.memory__gte=1": [],
    }
    assert {query: refs(client.get(f"/api/v1/cis/?{query}")) for query in asked} == asked
    shown = client.get(f"/api/v1/cis/{sent[0]}/").json()
    assert {key: shown["attributes"][key] for key in kinds} == {
        "memory": 8,
        "price": "1.5",
        "bought": "2026-01-01",
        "colour": None,
        "site": "Oslo 1",
    }


@each_of(
    ("query", "names"),
    [
        ("attr.memry=1", "attr.memry"), ("attr.memory__like=1", "attr.memory__like"), ("attr.memory__gte=much", "attr.memory__gte"),
        ("atr.memory=1", "atr.memory"), ("status=gone", "status"), ("unaccounted=yes", "unaccounted"),
    ],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused_by_name(query: str, names: str, api: SignIn, manager: User) -> None:
    fields.add_field(actor=ADMIN, owner="ci:printer", key="memory", type="whole", label="Memory")
    answer = api(manager).get(f"/api/v1/cis/?{query}")
    assert answer.status_code == 400
    assert names in str(answer.json()["errors"])


def test_an_edit_takes_the_version_that_was_read_and_leaves_a_history(api: SignIn, manager: User) -> None:
    client, item = api(manager), an_item(name="web-01")
    path = f"/api/v1/cis/{item.reference}/"
    tag = client.get(path)["ETag"]
    assert client.patch(path, {"name": "web-02"}, format="json").status_code == 428
    assert client.patch(path, {"name": "web-02"}, format="json", HTTP_IF_MATCH=tag).json()["name"] == "web-02"
    assert client.patch(path, {"name": "web-03"}, format="json", HTTP_IF_MATCH=tag).status_code == 412
    rows = client.get(f"{path}history/").json()["results"]
    assert [(row["key"], row["before"], row["after"], row["by"]) for row in rows][:1] == [
        ("name", "web-01", "web-02", "manager")
    ]


def test_a_service_answers_as_an_item(api: SignIn, manager: User) -> None:
    service = a_service(slug="shop", name="Shop")
    item = CI.objects.get(pk=service.pk)
    shown = api(manager).get(f"/api/v1/cis/{item.reference}/").json()
    assert (shown["service"], shown["class"], shown["name"]) == ("shop", "technical_service", "Shop")


def test_one_that_lives_on_in_another_answers_where(api: SignIn, manager: User) -> None:
    old, new = an_item(), an_item()
    CI.objects.filter(pk=old.pk).update(merged_into=new)
    answer = api(manager).get(f"/api/v1/cis/{old.reference}/")
    assert (answer.status_code, answer["Location"].endswith(f"/api/v1/cis/{new.reference}/")) == (308, True)
    assert old.reference not in refs(api(manager).get("/api/v1/cis/"))


def test_impact_says_who_goes_down_by_which_path(api: SignIn, manager: User) -> None:
    shop, one, two, host = a_service(), an_item(), an_item(), an_item("physical_server")
    for machine in (one, two):
        joined(shop, machine, "runs_on", group="pair")
        joined(machine, host, "runs_on")
    client = api(manager)
    shop_item = CI.objects.get(pk=shop.pk)
    up = client.get(f"/api/v1/cis/{host.reference}/impact/").json()
    assert (up["counts"], up["truncated"]) == ({"down": 3, "degraded": 0}, False)
    assert [(node["reference"], node["state"], node["depth"], node["via"]) for node in up["nodes"]] == [
        (one.reference, "down", 1, [host.reference]), (two.reference, "down", 1, [host.reference]),
        (shop_item.reference, "down", 2, [one.reference, host.reference]),
    ]  # fmt: skip
    down = client.get(f"/api/v1/cis/{shop_item.reference}/impact/?direction=down").json()
    assert {node["reference"]: node["state"] for node in down["nodes"]} == {
        host.reference: "down", one.reference: "degraded", two.reference: "degraded",
    }  # fmt: skip
    assert client.get(f"/api/v1/cis/{one.reference}/impact/").json()["counts"] == {"down": 0, "degraded": 1}
    at = datetime(2026, 11, 28, 10, tzinfo=UTC)
    Condition.objects.create(ci=two, state="down", source="probe", since=at, said_at=at, fresh_until=at)
    beside = client.get(f"/api/v1/cis/{one.reference}/impact/?context=current").json()
    assert beside["counts"] == {"down": 1, "degraded": 0}


@each_of(
    "query",
    ["depth=13", "depth=-1", "depth=x", "direction=left", "context=old", "direction=down&context=current", "deep=1"],
)
def test_impact_refuses_what_it_does_not_know(query: str, api: SignIn, manager: User) -> None:
    assert api(manager).get(f"/api/v1/cis/{an_item().reference}/impact/?{query}").status_code == 400


def test_a_confidential_item_carries_impact_and_is_named_nowhere(api: SignIn, agent: User, manager: User) -> None:
    host, secret, shown = an_item("physical_server"), an_item(confidential=True, name="vault"), an_item()
    joined(secret, host, "runs_on")
    joined(shown, secret, "depends_on")
    client = api(agent)
    up = client.get(f"/api/v1/cis/{host.reference}/impact/").json()
    assert (up["counts"]["down"], [(one["reference"], one["via"]) for one in up["nodes"]]) == (
        1, [(shown.reference, ["...", host.reference])],
    )  # fmt: skip
    assert secret.reference not in refs(client.get("/api/v1/cis/"))
    assert secret.reference in refs(api(manager).get("/api/v1/cis/"))
    missing = client.get("/api/v1/cis/CI-99999/")
    for path in ("", "impact/", "history/"):
        assert client.get(f"/api/v1/cis/{secret.reference}/{path}").status_code == missing.status_code == 404
    told = [client.get(f"/api/v1/cis/{one.reference}/history/").content.decode() for one in (host, shown)]
    told += [client.get(f"/api/v1/relations/?ci={one.reference}").content.decode() for one in (host, shown)]
    told.append(client.get(f"/api/v1/cis/{host.reference}/impact/?direction=up").content.decode())
    assert not [text for text in told if secret.reference in text or "vault" in text]
    body = {"source": shown.reference, "target": secret.reference, "type": "uses"}
    foreign = {"source": shown.reference, "target": "CI-99999", "type": "uses"}
    manager_of_none = api(manager)
    assert manager_of_none.post("/api/v1/relations/", foreign, format="json").status_code == 400
    assert manager_of_none.post("/api/v1/relations/", body, format="json").status_code == 201


def test_a_requester_learns_nothing_of_items(api: SignIn, requester: User) -> None:
    item, client = an_item(), api(requester)
    for path in (
        "cis/",
        f"cis/{item.reference}/",
        f"cis/{item.reference}/impact/",
        "relations/",
        "ci-classes/",
        "ci-groups/",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 403


def test_a_list_of_many_items_costs_the_same(api: SignIn, manager: User, django_assert_max_num_queries: Any) -> None:
    client = api(manager)
    for slug in ("printer", "database", "switch", "virtual_machine"):
        an_item(slug)
    client.get("/api/v1/cis/")
    with django_assert_max_num_queries(12):
        assert len(refs(client.get("/api/v1/cis/"))) == 4


def test_a_relation_ends_by_the_version_that_was_read(api: SignIn, manager: User) -> None:
    client, relation = api(manager), joined(an_item(), an_item("cluster"), "member_of")
    path = f"/api/v1/relations/{relation.pk}/"
    assert client.post(f"{path}end/", {}, format="json").status_code == 428
    assert client.post(f"{path}end/", {}, format="json", HTTP_IF_MATCH='"1"').json()["ended_at"] is not None
    assert client.post(f"{path}end/", {}, format="json", HTTP_IF_MATCH='"2"').status_code == 409
    assert client.get("/api/v1/relations/?ended=true").json()["results"][0]["id"] == relation.pk


def test_what_identifies_it_is_one_items(api: SignIn, manager: User) -> None:
    client, one, other = api(manager), an_item(), an_item()
    body = {"identifiers": [{"scheme": "serial+vendor", "value": "4711 | Dell Inc."}]}
    first = client.post(f"/api/v1/cis/{one.reference}/identifiers/", body, format="json", HTTP_IF_MATCH='"1"')
    assert first.json()["identifiers"] == [{"scheme": "serial+vendor", "value": "4711 | dell", "contested": False}]
    second = client.post(f"/api/v1/cis/{other.reference}/identifiers/", body, format="json", HTTP_IF_MATCH='"1"')
    assert second.status_code == 409
    operations.retire(one, actor=KEEPER)
