"""What services depend on are relations of their items, and each edit of a service is history of its item."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.cmdb.queries import covers
from catalog.models import CI, Group, History, Relation
from catalog.services import operations
from catalog.services.operations.dependencies import dependency_slugs
from catalog.services.operations.editing import edit_as_confirmed
from catalog.services.queries import dependencies_of
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.search.index import reindex
from itsm.search.models import Document
from tests.factories.catalog import KEEPER, a_type, an_item, joined, relies_on
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


def told(service: Any) -> list[tuple[str, Any, Any]]:
    """The history of a service's item, oldest first."""
    return list(History.objects.filter(ci=service.pk).order_by("pk").values_list("key", "before", "after"))


def wired(service: Any, *groups: Any) -> Any:
    service.refresh_from_db()
    depends_on: Any = [{"any_of": list(one), "needs": 1} for one in groups]
    return operations.edit_service(service, actor=KEEPER, version=service.version, depends_on=depends_on)


def test_what_a_service_depends_on_is_a_relation_that_begins_and_ends_with_the_history_of_both_ends() -> None:
    shop, bank = a_service(), a_service()
    wired(shop, [bank])
    relation = Relation.objects.get()
    assert (relation.source_id, relation.target_id, relation.type.slug) == (shop.pk, bank.pk, "depends_on")
    wired(shop)
    relation.refresh_from_db()
    assert relation.ended_at is not None
    there, here = (CI.objects.get(pk=one.pk).reference for one in (bank, shop))
    assert told(shop)[-2:] == [("relation:depends_on", None, there), ("relation:depends_on", there, None)]
    assert told(bank)[-2:] == [("related:depends_on", None, here), ("related:depends_on", here, None)]


def test_a_weaker_word_of_an_import_becomes_the_services_own() -> None:
    shop, bank = a_service(), a_service()
    soft = Relation.objects.create(
        source_id=shop.pk, target_id=bank.pk, type=a_type("depends_on"), strength="soft", data_source="csv"
    )
    assert not dependency_slugs(shop)
    wired(shop, [bank])
    assert dependency_slugs(shop) == [bank.slug]
    assert Relation.objects.get().pk == soft.pk


def test_a_group_of_items_is_not_joined_by_services() -> None:
    shop, east, west, bank = (a_service() for _ in range(4))
    joined(shop, an_item(), "runs_on", group="group-1")
    wired(shop, [east, west], [bank])
    assert {(one.name, one.relations.count()) for one in Group.objects.all()} == {("group-1", 1), ("group-2", 2)}
    names = [(one.on_slug, bool(one.redundancy)) for one in dependencies_of([shop.pk])[shop.pk]]
    assert names == [(east.slug, True), (west.slug, True), (bank.slug, False)]


def test_a_share_of_a_group_reads_as_a_number_that_can_be_sent_back() -> None:
    shop, east, west, north = (a_service() for _ in range(4))
    relies_on(shop, east, west, north)
    Group.objects.update(needs=None, needs_share=60)
    assert {one.needs for one in dependencies_of([shop.pk])[shop.pk]} == {2}


def test_two_relations_to_one_service_are_one_dependency_and_end_together() -> None:
    shop, bank = a_service(), a_service()
    relies_on(shop, bank)
    joined(shop, bank, "runs_on")
    assert dependency_slugs(shop) == [bank.slug]
    wired(shop)
    assert not dependency_slugs(shop)
    assert not Relation.objects.filter(ended_at=None).exists()


def test_an_edit_of_a_service_is_history_of_its_item_with_the_change_that_runs_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = a_service(tier=2)
    monkeypatch.setattr(covers, "_registered", [lambda services, at, named: "CHG-00007" * (shop.pk in services)])
    team = Team.objects.create(slug="till", name="Till")
    shop.refresh_from_db()
    operations.edit_service(shop, actor=KEEPER, version=shop.version, name="Till", tier=1, team=team)
    rows = History.objects.filter(ci=shop.pk, change_reference="CHG-00007")
    found = {one.key: (one.before, one.after, one.actor_name, one.accounted) for one in rows}
    assert found.keys() == {"name", "tier", "team"}
    assert found["tier"] == (2, 1, "tests", True)
    assert found["team"][1] == "till"


def test_a_new_service_begins_its_history_and_both_pages_show_it(engineer: User, web: Callable[[User], Client]) -> None:
    made = operations.create_service(actor=KEEPER, slug="till", name="Till", tier=3)
    assert told(made) == [("name", None, "Till"), ("status", None, "active")]
    operations.edit_service(made, actor=KEEPER, version=1, description="Rings up.")
    item = CI.objects.get(pk=made.pk)
    for path in (item.get_absolute_url(), "/cis/of/till/history/"):
        assert "Rings up." in web(engineer).get(path).content.decode(), path
    assert "/cis/of/till/history/" in web(engineer).get("/services/till/").content.decode()


def test_a_service_is_found_once_also_when_all_is_written_anew() -> None:
    shop, host = a_service(slug="unmistakable"), an_item()
    for model in (type(shop), CI):
        reindex(model)
    kinds = Document.objects.filter(record_id__in=[shop.pk, host.pk]).values_list("record_kind", "record_id")
    assert {("service", shop.pk), ("ci", host.pk)} <= set(kinds)
    assert ("ci", shop.pk) not in set(kinds)


def test_a_second_person_is_asked_about_nothing_that_cannot_be(owner: User) -> None:
    shop, bank, mail = a_service(), a_service(), a_service()
    wired(shop, [bank], [mail])
    shop.refresh_from_db()
    actor, retired = actor_for(owner, Door.API), Team.objects.create(slug="old", name="Old", retired_at=timezone.now())
    fewer: list[Any] = [
        {"depends_on": [{"any_of": [shop], "needs": 1}]},
        {"depends_on": [{"any_of": [bank], "needs": 2}]},
        {"depends_on": [], "audience": ["nobody"]},
    ]
    for said in fewer:
        with pytest.raises(InvalidInput):
            operations.edit_service(shop, actor=actor, version=shop.version, **said)
    with pytest.raises(Conflict):
        operations.edit_service(shop, actor=actor, version=shop.version, depends_on=[], team=retired)
    assert not Confirmation.objects.exists()


def test_what_is_confirmed_gives_nothing_to_a_team_that_was_retired_meanwhile(owner: User, manager: User) -> None:
    shop, bank = a_service(), a_service()
    wired(shop, [bank])
    shop.refresh_from_db()
    team = Team.objects.create(slug="soon-gone", name="Soon gone")
    actor = actor_for(owner, Door.API)
    asked = operations.edit_service(shop, actor=actor, version=shop.version, depends_on=[], team=team).awaits
    assert asked is not None
    Team.objects.filter(pk=team.pk).update(retired_at=timezone.now())
    with pytest.raises(Conflict):
        edit_as_confirmed(asked, actor_for(manager, Door.API), timezone.now())
    shop.refresh_from_db()
    assert (shop.team, dependency_slugs(shop)) == (None, [bank.slug])
