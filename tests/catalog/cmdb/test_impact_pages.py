"""Impact as people see it: the graph and the same as a table, ways in words, nodes that stay where they are put."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.cmdb.queries.impact import impact
from catalog.cmdb.queries.picture import Edge, picture
from catalog.models import CI, Layout, Relation
from itsm.accounts.models import User
from tests.factories.catalog import a_type, an_item, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


@pytest.fixture
def estate() -> dict[str, CI]:
    """esx-4 carries vm-1 and vm-2, either of which is enough for shop; both lie in a vault that few may see."""
    named = {name: an_item(name=name) for name in ("vm-1", "vm-2")}
    named["esx-4"] = an_item("physical_server", name="esx-4")
    shop = a_service(slug="shop", name="Shop")
    for name in ("vm-1", "vm-2"):
        joined(named[name], named["esx-4"], "runs_on")
        joined(shop, named[name], "runs_on", group="machines")
    named["shop"] = CI.objects.get(pk=shop.pk)
    return named


def test_the_page_says_who_feels_it_and_by_which_way(web: Web, agent: User, estate: dict[str, CI]) -> None:
    page = web(agent).get(f"{estate['esx-4'].get_absolute_url()}impact/").content.decode()
    for words in ("3 down", "0 degraded", "Shop", "vm-1", "data-graph", estate["shop"].reference):
        assert words in page, words
    table = web(agent).get(f"{estate['esx-4'].get_absolute_url()}impact/?view=table").content.decode()
    assert "data-graph" not in table
    assert "Shop" in table
    below = web(agent).get(f"{estate['shop'].get_absolute_url()}impact/?direction=down").content.decode()
    assert "1 single point of failure" in below
    assert "2 degraded" in below


def test_the_picture_has_a_column_for_each_round_and_every_arrow_among_its_nodes(
    web: Web, agent: User, estate: dict[str, CI], as_actor: Any
) -> None:
    host, one, two, shop = (estate[name] for name in ("esx-4", "vm-1", "vm-2", "shop"))
    drawn = picture(host, impact(host, as_actor(agent)), as_actor(agent))
    assert {node.key: drawn.places[node.key][0] for node in drawn.nodes} == {
        host.reference: 0, one.reference: 230, two.reference: 230, shop.reference: 460
    }  # fmt: skip
    assert set(drawn.edges) == {
        Edge(host.reference, one.reference, ""), Edge(host.reference, two.reference, ""),
        Edge(one.reference, shop.reference, "group"), Edge(two.reference, shop.reference, "group"),
    }  # fmt: skip
    answer = web(agent).get(f"{host.get_absolute_url()}impact/graph/").json()
    assert [node["here"] for node in answer["nodes"]] == [True, False, False, False]


def test_a_node_stays_where_its_viewer_moved_it_and_for_nobody_else(
    web: Web, agent: User, manager: User, estate: dict[str, CI]
) -> None:
    host, one = estate["esx-4"], estate["vm-1"]
    client, address = web(agent), f"{host.get_absolute_url()}impact/"
    sent = client.post(f"{address}layout/", {"positions": json.dumps({one.reference: [7, -9.5]})})
    assert sent.status_code == 204
    places = [{node["id"]: node["place"] for node in web(who).get(f"{address}graph/").json()["nodes"]}
              for who in (agent, manager)]  # fmt: skip
    assert places[0][one.reference] == [7, -9.5]
    assert places[1][one.reference] != [7, -9.5]
    for wrong in ('{"a": [1]}', '{"a": [1, 1e9]}', '{"a": [true, 1]}', "[]", "[" * 5000, '{"a": [NaN, 1]}', "x"):
        assert client.post(f"{address}layout/", {"positions": wrong}).status_code == 400, wrong
    assert Layout.objects.get().positions == {one.reference: [7, -9.5]}
    assert client.post(f"{address}layout/", {"positions": "{}"}).status_code == 204
    assert Layout.objects.get().positions == {}


def test_more_than_200_nodes_are_drawn_by_class_and_the_table_names_each(web: Web, agent: User, as_actor: Any) -> None:
    rack = an_item("rack")
    machine = an_item().ci_class
    machines = CI.objects.bulk_create(
        CI(ci_class=machine, name=f"m-{number:03d}", status="active") for number in range(201)
    )
    located = a_type("located_in")
    Relation.objects.bulk_create(Relation(source=one, target=rack, type=located) for one in machines)
    drawn = picture(rack, impact(rack, as_actor(agent)), as_actor(agent))
    assert [node.label for node in drawn.nodes] == [rack.name, "201 × Virtual machine"]
    assert drawn.by_class
    assert drawn.edges == [Edge(rack.reference, "1.down.virtual_machine", "")]
    page = web(agent).get(f"{rack.get_absolute_url()}impact/?view=table&from=100").content.decode()
    assert "m-100" in page
    assert "m-099" not in page
    assert "from=200" in page


@pytest.mark.parametrize("wrong", ["direction=aside", "depth=13", "depth=-1", "depth=x", "context=now", "from=x"])
def test_what_is_asked_wrongly_is_said(web: Web, agent: User, wrong: str) -> None:
    assert web(agent).get(f"{an_item().get_absolute_url()}impact/?{wrong}").status_code == 400


def test_a_confidential_item_is_drawn_as_a_dashed_way_without_a_name(web: Web, agent: User, as_actor: Any) -> None:
    host, vault, shop = an_item("physical_server"), an_item(name="vault", confidential=True), a_service(slug="shop")
    joined(vault, host, "runs_on")
    joined(shop, vault, "runs_on")
    item = CI.objects.get(pk=shop.pk)
    drawn = picture(host, impact(host, as_actor(agent)), as_actor(agent))
    assert drawn.edges == [Edge(host.reference, item.reference, "unseen")]
    page = web(agent).get(f"{host.get_absolute_url()}impact/").content.decode()
    assert "vault" not in page
    assert vault.reference not in page
    assert "…" in page
    below = picture(item, impact(item, as_actor(agent), direction="down"), as_actor(agent))
    assert below.edges == [Edge(host.reference, item.reference, "unseen")]


def test_what_others_run_for_us_is_named_and_services_are_not(web: Web, agent: User, estate: dict[str, CI]) -> None:
    joined(estate["shop"], an_item("external_service", name="Card network"), "consumes")
    joined(estate["shop"], a_service(slug="ledger", name="Ledger"), "consumes")
    part = web(agent).get("/cis/of/shop/").content.decode()
    assert "Card network" in part
    assert "Ledger" not in part


def test_the_page_of_a_service_says_what_it_runs_on(web: Web, agent: User, estate: dict[str, CI]) -> None:
    part = web(agent).get("/cis/of/shop/").content.decode()
    for words in ("What it runs on", "esx-4", "vm-1", "1 single point of failure", "0 items stand on it"):
        assert words in part, words
    assert "/cis/of/shop/" in web(agent).get("/services/shop/").content.decode()
