"""Items that a change names: what rests on them is reached, by a way that is told, and nobody may cut it for theirs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.cmdb import operations as items
from catalog.models import CI, Relation, Service
from catalog.reconciliation.operations import merge
from catalog.services.queries import read_by_changes_of
from changes.change.operations.content import content_hash
from changes.change.operations.editing import edit
from changes.change.queries.stakes import stakes
from changes.models import Change, Evaluation
from itsm.accounts.models import User
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.changes.scene import asked
from tests.factories.catalog import KEEPER, an_item, joined
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


def days_ahead(days: int) -> tuple[datetime, datetime]:
    begins = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return begins, begins + timedelta(hours=24)


def conflicts_of(evaluation: Evaluation) -> list[tuple[str, str]]:
    assert evaluation.decision is not None
    found = evaluation.decision.evidence["calendar"]["value"]["conflicts"]
    return [(one["kind"], one["reference"]) for one in found]


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


def test_what_would_only_be_degraded_says_why_it_is_not_in_the_reach(
    estate: dict[str, CI], engineer: User, web: Callable[[User], Client]
) -> None:
    mail, other = a_service(slug="mail"), an_item(name="vm-2")
    for machine in (estate["vm-1"], other):
        joined(mail, machine, "runs_on", group="hosts")
    evaluation = asked(a_service(slug="payroll"), engineer, items=(estate["esx-4"].pk,))
    assert [one["slug"] for one in reach_of(evaluation)] == ["shop"]
    part = web(engineer).get(f"{evaluation.change.get_absolute_url()}impacted/").content.decode()
    rows = {slug: next(row for row in part.split("<li>") if f"/services/{slug}/" in row) for slug in ("shop", "mail")}
    assert "Not in the gate" not in rows["shop"]
    assert "others stand in for what fails" in rows["mail"]


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


def test_history_says_by_name_which_items_came_and_went_as_the_reader_may_see_them(
    estate: dict[str, CI], engineer: User, manager: User, as_actor: Any, web: Callable[[User], Client]
) -> None:
    host, machine, vault = estate["esx-4"], estate["vm-1"], an_item(name="vault", confidential=True)
    change = asked(a_service(slug="payroll"), engineer, items=(host.pk, vault.pk)).change
    for items_now in ([machine.pk, vault.pk], [machine.pk]):
        change = edit(change, actor=as_actor(engineer), version=change.version, at=timezone.now(), items=items_now)
    pages = {one: web(one).get(change.get_absolute_url()).content.decode() for one in (engineer, manager)}
    came = f"Affected items beside 1 that stays: <s>{host.reference} esx-4</s> → <b>{machine.reference} vm-1</b>"
    assert all(came in page for page in pages.values())
    assert "Affected items beside 1 that stays: <s>...</s> → <b>nothing</b>" in pages[engineer]
    assert "vault" not in pages[engineer]
    assert f"<s>{vault.reference} vault</s> → <b>nothing</b>" in pages[manager]


def test_two_changes_that_name_one_item_are_in_each_others_way_whatever_their_services(
    estate: dict[str, CI], engineer: User
) -> None:
    host, soon, later = estate["esx-4"], days_ahead(2), days_ahead(3)
    first = asked(a_service(slug="payroll"), engineer, items=(host.pk,), window=soon).change
    second = asked(a_service(slug="mail"), engineer, items=(host.pk, estate["vm-1"].pk), window=soon)
    aside = asked(a_service(slug="wiki"), engineer, items=(an_item().pk,), window=soon)
    after = asked(a_service(slug="chat"), engineer, items=(host.pk,), window=later)
    assert conflicts_of(second) == [("same_ci", first.reference), ("window", first.reference)]
    assert conflicts_of(aside) == conflicts_of(after) == []


def test_an_item_that_was_merged_is_still_the_one_that_another_change_names(
    estate: dict[str, CI], engineer: User
) -> None:
    gone, host = an_item("physical_server"), estate["esx-4"]
    before = asked(a_service(slug="payroll"), engineer, items=(gone.pk,), window=days_ahead(2)).change
    merge(gone, host, actor=KEEPER)
    now = asked(a_service(slug="mail"), engineer, items=(host.pk,), window=days_ahead(2))
    assert ("same_ci", before.reference) in conflicts_of(now)


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


def test_a_window_that_ends_before_it_starts_is_refused_at_every_door(
    engineer: User, api: Callable[[User], Any], web: Callable[[User], Client], as_actor: Any
) -> None:
    a_service(slug="payroll")
    begins, ends = days_ahead(3)
    client, window = api(engineer), {"start": ends.isoformat(), "end": begins.isoformat()}
    body = {"service": "payroll", "summary": "New firmware"}
    answer = client.post("/api/v1/gate-evaluations/", {**body, "window": window}, format="json")
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (400, ["/window"])
    asked_for = client.post("/api/v1/gate-evaluations/", body, format="json")
    assert asked_for.status_code < 300, asked_for.content
    change = Change.objects.get()
    with pytest.raises(InvalidInput, match="ends after it starts"):
        edit(
            change, actor=as_actor(engineer), version=change.version, at=timezone.now(),
            window_start=ends, window_end=begins,
        )  # fmt: skip
