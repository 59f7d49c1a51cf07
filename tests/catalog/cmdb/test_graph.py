"""What the database keeps true: services are items, arrows are derived, the log names each change of the graph."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import Max

from catalog.cmdb import operations
from catalog.cmdb.operations.compacting import compact_log
from catalog.engine.graph import State
from catalog.engine.impact import felt_above
from catalog.models import CI, Arrow, CIClass, GraphChange, Group, Relation, RelationType, Service
from catalog.services import operations as services
from catalog.services.operations import Reliance
from catalog.services.queries import reached_from
from catalog.services.queries.graph import snapshot
from tests.catalog.engine.naive_impact import spread
from tests.catalog.engine.test_reach import dependencies
from tests.factories.catalog import KEEPER, a_class, a_type, an_item, joined, relies_on
from tests.factories.slo import a_service
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db


def refused(statement: str, *values: Any) -> None:
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_service_is_an_item_of_the_same_number_whichever_way_it_is_added() -> None:
    one = a_service(name="Shop", description="Sells")
    two, three = Service.objects.bulk_create([Service(slug=f"s{n}", name=f"S{n}") for n in (2, 3)])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_service"
            " (slug, name, description, tier, service_type, audience, needs_owner, created_at, version)"
            " VALUES ('raw', 'Raw', '', 3, 'business', '{all}', false, now(), 1) RETURNING id"
        )
        raw = cursor.fetchone()[0]
    items = CI.objects.in_bulk([one.pk, two.pk, three.pk, raw])
    assert [(item.name, item.ci_class.slug, item.status) for item in items.values()] == [
        ("Shop", "technical_service", "active"), ("S2", "technical_service", "active"),
        ("S3", "technical_service", "active"), ("Raw", "business_service", "active"),
    ]  # fmt: skip
    assert an_item().pk > raw  # one sequence


def test_an_item_follows_its_service_and_says_nothing_else() -> None:
    service = a_service(name="Shop")
    Service.objects.filter(pk=service.pk).update(name="Store", description="Sells")
    item = CI.objects.get(pk=service.pk)
    assert (item.name, item.description, item.version) == ("Store", "Sells", 2)
    refused("UPDATE catalog_ci SET name = 'Other' WHERE id = %s", service.pk)
    Service.objects.filter(pk=service.pk).delete()
    assert not CI.objects.filter(pk=service.pk).exists()


def test_a_class_stays_where_it_is_and_knows_its_ancestors() -> None:
    server, machine = a_class("server"), a_class("virtual_machine")
    assert machine.lineage == [server.pk, machine.pk]
    refused("UPDATE catalog_ciclass SET parent_id = NULL WHERE id = %s", machine.pk)
    refused("UPDATE catalog_ciclass SET slug = 'vm' WHERE id = %s", machine.pk)


def test_the_database_derives_arrows_from_relations_and_refuses_others() -> None:
    host, machine, other = an_item("physical_server"), an_item(), an_item()
    relation = joined(machine, host, "runs_on")
    assert list(Arrow.objects.values_list("provider", "consumer", "strength")) == [(host.pk, machine.pk, "hard")]
    refused("UPDATE catalog_arrow SET strength = 'soft'")
    refused("UPDATE catalog_arrow SET provider_id = %s", other.pk)
    Relation.objects.filter(pk=relation.pk).update(strength="soft")
    assert Arrow.objects.get().strength == "soft"
    Relation.objects.filter(pk=relation.pk).update(source=other)
    assert Arrow.objects.get().consumer_id == other.pk
    joined(an_item(), host, "connects_to")
    assert Arrow.objects.count() == 1  # nothing flows


def test_what_is_retired_has_no_arrow_and_gets_it_back_with_its_life() -> None:
    host, machine = an_item("physical_server"), an_item()
    joined(machine, host, "runs_on")
    operations.retire(host, actor=KEEPER, reason="Old")
    assert not Arrow.objects.exists()
    operations.revive(host, actor=KEEPER, reason="Too early")
    assert Arrow.objects.get().provider_id == host.pk


def test_a_group_holds_only_what_its_own_consumer_rests_on() -> None:
    cluster, other = an_item("cluster"), an_item("cluster")
    member = joined(an_item(), cluster, "member_of")
    elsewhere = Group.objects.create(consumer=other, name="x", needs=1)
    assert member.group is not None
    assert (member.group.consumer, member.group.needs) == (cluster, 1)
    refused("UPDATE catalog_relation SET group_id = %s WHERE id = %s", elsewhere.pk, member.pk)
    refused("UPDATE catalog_group SET needs_share = 5 WHERE id = %s", elsewhere.pk)


def _last() -> int:
    return int(GraphChange.objects.aggregate(last=Max("id"))["last"] or 0)


def test_each_statement_that_changes_the_graph_is_logged_and_no_other() -> None:
    host, machine = an_item("physical_server"), an_item()
    before = _last()
    relation = joined(machine, host, "runs_on")
    added = _last()
    Relation.objects.filter(pk=relation.pk).update(last_seen="2026-11-28T10:00Z", data_source="netbox")
    CI.objects.filter(pk=machine.pk).update(description="Seen again")
    assert before < added == _last()
    Group.objects.create(consumer=machine, name="pair", needs=1)
    grouped = _last()
    Relation.objects.filter(pk=relation.pk).update(ended_at="2126-11-28T10:00Z")
    assert added < grouped < _last()


def _felt(item: CI) -> set[int]:
    return set(felt_above(snapshot().graph, {item.pk: State.DOWN}).felt)


def test_a_snapshot_is_of_this_transaction_and_kept_until_the_graph_changes() -> None:
    host, machine = an_item("physical_server"), an_item()
    with transaction.atomic():
        assert _felt(host) == set()
        with transaction.atomic():
            joined(machine, host, "runs_on")
            own = snapshot()
            assert snapshot() is own
            assert _felt(host) == {machine.pk}
            transaction.set_rollback(True)
        assert _felt(host) == set()
        joined(host, machine, "connects_to")
        joined(host, machine, "depends_on")
        assert (_felt(machine), _felt(host)) == ({host.pk}, set())


def test_a_shortened_log_still_tells_every_graph_apart() -> None:
    """The key of a graph is never given to another, whatever was compacted in between."""
    host, machine = an_item("physical_server"), an_item()
    joined(machine, host, "runs_on")
    before = snapshot()
    GraphChange.objects.update(at="2026-01-01T00:00Z")
    old = snapshot()
    compact_log()
    assert GraphChange.objects.count() == 1
    assert len({before.key, old.key, snapshot().key}) == 3
    kept = snapshot()
    compact_log()
    assert snapshot() is kept


def test_an_edit_of_a_service_leaves_the_relations_that_stay_as_they_are() -> None:
    bank, east, west, ledger = (a_service() for _ in range(4))
    pair: Reliance = {"any_of": [east, west], "needs": 1}
    alone: Reliance = {"any_of": [bank], "needs": 1}
    shop = services.create_service(actor=KEEPER, slug="shop", name="Shop", tier=2, depends_on=[alone, pair])
    stood = set(Relation.objects.filter(ended_at=None).values_list("pk", flat=True))
    also: Reliance = {"any_of": [ledger], "needs": 1}
    services.edit_service(shop, actor=KEEPER, version=1, depends_on=[pair, also])
    living = set(Relation.objects.filter(ended_at=None).values_list("pk", flat=True))
    assert (len(stood), len(living), len(stood & living)) == (3, 3, 2)
    assert list(Group.objects.values_list("name", "needs")) == [("group-1", 1)]
    assert Relation.objects.exclude(ended_at=None).get().target_id == bank.pk


def stored(arrows: Sequence[tuple[int, int, str, int]]) -> None:
    """(service, what it depends on, its group or "", how many are needed), as relations between their items."""
    groups: dict[tuple[int, str], Group] = {}
    for service, _on, name, needs in arrows:
        if name:
            group = groups.setdefault((service, name), Group(consumer_id=service, name=name, needs=needs))
            group.needs = max(group.needs or 1, needs)
    Group.objects.bulk_create(groups.values())
    Relation.objects.bulk_create(
        Relation(source_id=service, target_id=on, type=a_type("depends_on"), group=groups.get((service, name)))
        for service, on, name, _needs in arrows
    )


@pytest.mark.heavy
def test_the_reach_of_services_is_what_it_was_before_they_were_items() -> None:
    """The walk of before over the same dependencies, read from the database."""
    dice, found = Random(5), 0
    known = [a_service() for _ in range(12)]
    for _ in range(200 if IN_FULL else 12):
        with transaction.atomic():
            arrows = [(known[s - 1].pk, known[on - 1].pk, group, needs) for s, on, group, needs in dependencies(dice)]
            stored(arrows)
            changed = {one.pk for one in dice.sample(known, dice.randint(1, 3))}
            expected = spread(changed, arrows, 5)
            reached = {one.service_id: one.path for one in reached_from(changed)}
            assert reached == {service: path for service, path in expected.items() if path}
            found += len(reached)
            transaction.set_rollback(True)
    assert found


def test_a_change_of_a_host_reaches_the_services_above_it() -> None:
    shop, checkout = a_service(), a_service()
    machine, host = an_item(), an_item("physical_server")
    relies_on(shop, checkout)
    joined(checkout, machine, "runs_on")
    joined(machine, host, "runs_on")
    assert [(one.service_id, one.depth, one.path, one.via) for one in reached_from([host.pk])] == [
        (checkout.pk, 1, (host.pk,), (machine.pk, host.pk)),
        (shop.pk, 2, (checkout.pk, host.pk), (checkout.pk, machine.pk, host.pk)),
    ]


def flows() -> list[tuple[str, str]]:
    """Each built-in class as a source and as a target of each built-in type that carries failures."""
    from catalog.cmdb.operations.built_in import CLASSES, RELATION_TYPES

    usable = [one.slug for one in CLASSES if not one.abstract]
    types = [one.slug for one in RELATION_TYPES if one.flows != "none"]
    return [(slug, types[place % len(types)]) for place, slug in enumerate(usable)]


def test_a_failure_goes_through_each_built_in_class_to_a_service() -> None:
    assert CIClass.objects.filter(built_in=True).count() == 43
    assert RelationType.objects.filter(built_in=True).count() == 13
    for slug, type_ in flows():
        with transaction.atomic():
            service = a_service()
            below = an_item("physical_server")
            middle = (
                CI.objects.get(pk=a_service().pk)
                if slug.endswith("_service") and slug != "external_service"
                else an_item(slug)
            )
            joined(middle, below, "depends_on")
            source, target = (service, middle) if a_type(type_).flows == "to_source" else (middle, service)
            joined(source, target, type_ if type_ != "depends_on" else "runs_on", strength="hard")
            assert service.pk in {one.service_id for one in reached_from([below.pk])}, (slug, type_)
            transaction.set_rollback(True)
