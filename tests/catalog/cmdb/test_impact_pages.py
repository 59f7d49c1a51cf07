"""Impact as people see it: the graph and the same as a table, ways in words, nodes that stay where they are put."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.cmdb.queries.impact import impact
from catalog.cmdb.queries.picture import Edge, picture
from catalog.models import CI, Layout, Relation
from itsm.accounts.models import User
from tests.factories.catalog import a_type, an_item, joined
from tests.factories.slo import a_service
from tests.together import each_of

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
    at = {node.key: drawn.places[node.key][0] for node in drawn.nodes}
    assert at[host.reference] < at[one.reference] == at[two.reference] < at[shop.reference]
    assert set(drawn.edges) == {
        Edge(host.reference, one.reference, ""), Edge(host.reference, two.reference, ""),
        Edge(one.reference, shop.reference, "group"), Edge(two.reference, shop.reference, "group"),
    }  # fmt: skip
    answer = web(agent).get(f"{host.get_absolute_url()}impact/graph/").json()
    assert [node["here"] for node in answer["nodes"]] == [True, False, False, False]


def test_no_two_of_200_nodes_lie_on_each_other_and_the_whole_is_seen_at_once(as_actor: Any, agent: User) -> None:
    site, machine, located = an_item("site"), an_item().ci_class, a_type("located_in")
    racks = CI.objects.bulk_create(CI(ci_class=machine, name=f"rack-{n}", status="active") for n in range(20))
    hosts = CI.objects.bulk_create(CI(ci_class=machine, name=f"host-{n}", status="active") for n in range(170))
    Relation.objects.bulk_create(Relation(source=one, target=site, type=located) for one in racks)
    Relation.objects.bulk_create(
        Relation(source=one, target=racks[-1 - n % 20], type=located) for n, one in enumerate(hosts)
    )
    drawn = picture(site, impact(site, as_actor(agent)), as_actor(agent))
    spots = [drawn.places[node.key] for node in drawn.nodes]
    assert len(spots) == 191
    lines: dict[float, list[float]] = {}
    for x, y in spots:
        lines.setdefault(x, []).append(y)
    assert max(len(column) for column in lines.values()) <= 28
    assert all(low + 30 < high for column in lines.values() for low, high in pairwise(sorted(column)))
    assert all(left + 70 < right for left, right in pairwise(sorted(lines))), "a label of seven letters is wide"
    assert max(lines) - min(lines) < 1250
    of = {edge.consumer: edge.provider for edge in drawn.edges}
    order = [of[node.reference] for node in sorted(
        (node for node in drawn.nodes if node.round == 2), key=lambda node: tuple(drawn.places[node.key])
    )]  # fmt: skip
    assert len([one for one, other in pairwise(order) if one != other]) == 19, "those of one rack lie together"


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
    with CaptureQueriesContext(connection) as asked:
        page = web(agent).get(f"{rack.get_absolute_url()}impact/?view=table&from=100").content.decode()
    names = [found for one in asked if (found := re.search(r"= ANY \('?\{?(?:ARRAY\[)?([0-9, ]+)", one["sql"]))]
    assert [len(found[1].split(",")) for found in names] == [100], "names are read of what is shown"
    assert "m-100" in page
    assert "m-099" not in page
    assert "from=200" in page


@each_of("wrong", ["direction=aside", "depth=13", "depth=-1", "depth=x", "context=now", "from=x"])
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
