"""Items that a change names: what rests on them is reached, by a way that is told, and nobody may cut it for theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.cmdb import operations as items
from catalog.models import CI, Relation, Service
from catalog.services.queries import read_by_changes_of
from changes.change.operations.content import content_hash
from changes.change.operations.editing import edit
from changes.change.queries.stakes import stakes
from changes.models import Change, Evaluation
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.changes.scene import asked
from tests.factories.catalog import an_item, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate() -> dict[str, CI]:
    """shop runs on vm-1, that on esx-4; payroll stands apart."""
    named = {"vm-1": an_item(name="vm-1"), "esx-4": an_item("physical_server", name="esx-4")}
    joined(named["vm-1"], named["esx-4"], "runs_on")
    joined(a_service(slug="shop"), named["vm-1"], "runs_on")
    return named


def reach_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    assert evaluation.decision is not None
    found: list[dict[str, Any]] = evaluation.decision.evidence["reach"]["value"]["reached"]
    return found


def test_a_change_reaches_what_runs_on_the_items_that_it_names_and_says_by_which_way(
    estate: dict[str, CI], engineer: User, api: Callable[[User], Any], web: Callable[[User], Client]
) -> None:
    a_service(slug="payroll")
    body = {"service": "payroll", "summary": "New firmware", "items": [estate["esx-4"].reference]}
    answer = api(engineer).post("/api/v1/gate-evaluations/", body, format="json").json()
    way = [estate["vm-1"].reference, estate["esx-4"].reference]
    assert [(one["service"], one["path"]) for one in answer["reach"]] == [("shop", way)]
    change = Change.objects.get()
    assert api(engineer).get(f"/api/v1/changes/{change.reference}/").json()["items"] == [estate["esx-4"].reference]
    page = web(engineer).get(change.get_absolute_url()).content.decode()
    assert "shop rests on what it changes: by vm-1 → esx-4." in page
    picture = web(engineer).get(f"{change.get_absolute_url()}reach/{change.decisions.get().pk}/").json()
    assert {(one["from"], one["to"]) for one in picture["edges"]} == {("shop", way[0]), (way[0], way[1])}
    assert [node["label"] for node in picture["nodes"]][2:] == ["vm-1", "esx-4"]
    part = web(engineer).get(f"{change.get_absolute_url()}impacted/").content.decode()
    assert "shop" in part
    assert estate["esx-4"].reference in part


def test_without_items_nothing_is_said_of_them_and_the_content_is_what_it_was(engineer: User) -> None:
    evaluation = asked(a_service(slug="payroll"), engineer)
    assert evaluation.decision is not None
    assert "items" not in evaluation.decision.evidence["change"]
    change = Change(summary="x", items=[])
    assert content_hash(change) != content_hash(Change(summary="x", items=[7]))


def test_other_items_are_another_content_so_that_what_was_asked_is_void(
    estate: dict[str, CI], engineer: User, as_actor: Any
) -> None:
    evaluation = asked(a_service(slug="payroll"), engineer, items=(estate["esx-4"].pk,))
    change = evaluation.change
    assert [one["slug"] for one in reach_of(evaluation)] == ["shop"]
    edit(change, actor=as_actor(engineer), version=change.version, at=timezone.now(), items=[])
    evaluation.refresh_from_db()
    assert evaluation.status == Evaluation.Status.EXPIRED


def test_a_service_is_no_item_of_a_change_and_neither_is_what_nobody_sees(
    engineer: User, api: Callable[[User], Any]
) -> None:
    service, secret = a_service(slug="payroll"), an_item(confidential=True)
    with pytest.raises(InvalidInput, match="shop is a service"):
        asked(service, engineer, items=(a_service(slug="shop").pk,))
    with pytest.raises(InvalidInput, match="at most 50"):
        asked(service, engineer, items=tuple(range(1, 52)))
    for wrong in ([secret.reference], ["CI-99999999"], [7], "CI-1"):
        body = {"service": "payroll", "summary": "New firmware", "items": wrong}
        assert api(engineer).post("/api/v1/gate-evaluations/", body, format="json").status_code == 400, wrong


def test_a_confidential_item_carries_the_reach_without_its_name(engineer: User, api: Callable[[User], Any]) -> None:
    host, vault = an_item("physical_server"), an_item(name="vault", confidential=True)
    joined(vault, host, "runs_on")
    joined(a_service(slug="shop"), vault, "runs_on")
    evaluation = asked(a_service(slug="payroll"), engineer, items=(host.pk, vault.pk))
    assert [one["path"] for one in reach_of(evaluation)] == [["..."]]
    assert evaluation.decision is not None
    assert evaluation.decision.evidence["change"]["items"] == [host.reference, "..."]
    shown = api(engineer).get(f"/api/v1/changes/{evaluation.change.reference}/").json()
    assert shown["items"] == [host.reference, "..."]


def test_who_wants_the_change_does_not_cut_the_way_by_which_it_is_judged(
    estate: dict[str, CI], engineer: User, manager: User, as_actor: Any
) -> None:
    """The change is of a service that shop knows nothing of: the item alone joins them."""
    shop = Service.objects.get(slug="shop")
    asked(a_service(slug="payroll"), manager, items=(estate["esx-4"].pk,))
    assert {one.account_id for one in stakes(read_by_changes_of([shop.pk]))} == {manager.pk}
    carries = Relation.objects.get(source=estate["vm-1"])
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        items.end_relation(carries, actor=as_actor(manager), version=carries.version)
    with pytest.raises(NotPermitted, match="has an interest in CHG-"):
        items.retire(estate["esx-4"], actor=as_actor(manager), reason="Old")
