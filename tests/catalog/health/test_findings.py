"""What is wrong with items: found, told, cleared; scores that open exactly their rows; tasks and acceptance."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.cmdb import operations as items
from catalog.health import operations
from catalog.health.queries.listing import living_items, of_measure, open_now, visible_findings
from catalog.health.queries.scores import counted, health, trend
from catalog.health.queries.words import items_named, sentence
from catalog.health.vocabulary import CORRECT, CORRECTNESS, MEASURES, Kind
from catalog.models import (
    CI,
    Finding,
    Group,
    HealthDay,
    History,
    Identifier,
    Relation,
    Service,
    Source,
    SourceConflict,
    SourceRecord,
    Tier,
)
from itsm.accounts.models import Membership as TeamMember
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.fields.models import Field
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.work.models import Task
from tests.api.world import browser
from tests.factories.catalog import KEEPER, a_class, a_type, an_item, joined, relies_on
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def crew(person: Any) -> Team:
    """A team with somebody in it, who keeps items."""
    team = Team.objects.get_or_create(slug="items", defaults={"name": "Items"})[0]
    person("engineer", team)
    return team


@pytest.fixture
def shop(crew: Team) -> Service:
    return a_service(slug="shop", team=crew, support_team=crew, description="Sells.")


def a_good_item(shop: Service, **fields: Any) -> CI:
    """Nothing is wrong with it."""
    team = Team.objects.get(slug="items")
    wanted = {"description": "What it is.", "support_team": team} | fields
    made = an_item(**wanted)
    CI.objects.filter(pk=made.pk).update(last_seen_at=NOW, certified_at=NOW)
    joined(shop, made, "uses")
    made.refresh_from_db()
    return made


def apart(*those: CI) -> None:
    """No service uses them any more."""
    Relation.objects.filter(target__in=those).update(ended_at=timezone.now())


def found(item: Any) -> set[str]:
    """The kinds of what stands of an item."""
    return set(Finding.objects.filter(ci_id=item.pk, cleared_at=None).values_list("finding_kind", flat=True))


def look(*some: CI) -> None:
    operations.examine([one.pk for one in some] or None, actor=KEEPER, at=NOW)


def required_field(of: str = "virtual_machine", key: str = "rack") -> None:
    set_id = a_class(of).field_set_id
    Field.objects.create(set_id=set_id, key=key, type="text", label="Rack", required="create")


def incomplete(item: CI) -> None:
    CI.objects.filter(pk=item.pk).update(attributes={})


def sparse(item: CI) -> None:
    CI.objects.filter(pk=item.pk).update(description="  ")


def stale(item: CI) -> None:
    CI.objects.filter(pk=item.pk).update(last_seen_at=NOW - 61 * DAY)


def contested(item: CI) -> None:
    Identifier.objects.create(ci=item, scheme="fqdn", value="x.example.org", contested=True)


def unconnected(item: CI) -> None:
    apart(item)


def unowned(item: CI) -> None:
    CI.objects.filter(pk=item.pk).update(team=None)


def ownerless(item: CI) -> None:
    empty = Team.objects.get_or_create(slug="empty", defaults={"name": "Empty"})[0]
    TeamMember.objects.get_or_create(team=empty, user=User.objects.get_or_create(username="gone", is_active=False)[0])
    CI.objects.filter(pk=item.pk).update(team=empty)


def uncertified(item: CI) -> None:
    CI.objects.filter(pk=item.pk).update(certified_at=NOW - 366 * DAY, created_at=NOW - 400 * DAY)


def conflicting(item: CI) -> None:
    source = Source.objects.get_or_create(slug="s", defaults={"name": "S", "format": "csv", "rank": 30})[0]
    record = SourceRecord.objects.create(source=source, key=str(item.pk), ci=item, observed_at=NOW, last_seen_at=NOW)
    seen = {"first_seen": NOW, "last_seen": NOW}
    SourceConflict.objects.create(ci=item, key="attributes.os", record=record, **seen)


def short_of_members(item: CI) -> None:
    Group.objects.create(consumer=item, name="nodes", needs=2)


def unaccounted(item: CI) -> None:
    History.objects.create(ci=item, key="status", at=NOW - DAY, actor_name="x", accounted=False)


FAULTS = [
    (Kind.COMPLETE, incomplete), (Kind.FULL, sparse), (Kind.FRESH, stale), (Kind.UNIQUE, contested),
    (Kind.CONNECTED, unconnected), (Kind.OWNED, unowned), (Kind.OWNED, ownerless), (Kind.CERTIFIED, uncertified),
    (Kind.CONSISTENT, conflicting), (Kind.CONSISTENT, short_of_members), (Kind.ACCOUNTED, unaccounted),
]  # fmt: skip


def test_each_fault_is_found_of_its_item_alone_and_cleared_when_it_is_mended(shop: Service, manager: User) -> None:
    required_field()
    spoilt = [(kind, fault, a_good_item(shop, attributes={"rack": "r1"})) for kind, fault in FAULTS]
    good = a_good_item(shop, attributes={"rack": "r1"})
    look()
    assert not found(good)
    assert not any(found(item) for _, _, item in spoilt), "nothing is wrong yet"
    for _, fault, item in spoilt:
        fault(item)
    look()
    said = {fault.__name__: found(item) for _, fault, item in spoilt}
    assert said == {fault.__name__: {kind.value} for kind, fault, _ in spoilt}
    assert not found(good)
    first = set(Finding.objects.values_list("pk", "first_seen", "cleared_at"))
    look()
    look(*(item for _, _, item in spoilt), good)
    assert set(Finding.objects.values_list("pk", "first_seen", "cleared_at")) == first, "all, or a few: the same"
    told = [sentence(one) for one in Finding.objects.all()]
    assert all(one.endswith(".") for one in told)
    assert "Required and empty: Rack." in told
    for _, _, item in spoilt:
        CI.objects.filter(pk=item.pk).update(
            attributes={"rack": "r2"}, description="x", last_seen_at=NOW, team=good.team, certified_at=NOW
        )
    joined(shop, next(item for _, fault, item in spoilt if fault is unconnected), "uses")
    Identifier.objects.update(contested=False)
    SourceConflict.objects.update(state="settled")
    Group.objects.update(needs=None, needs_share=50)
    items.explain(History.objects.get(accounted=False), actor=KEEPER, why="A disk was swapped in the night.")
    look()
    assert not Finding.objects.filter(cleared_at=None).exists()
    assert Finding.objects.count() == len(spoilt)


def test_of_names_that_are_alike_all_but_the_oldest_are_bad_and_a_series_is_none(shop: Service) -> None:
    same = [a_good_item(shop, name=name) for name in ("payments database", "Payments  database", "payments databases")]
    series = [a_good_item(shop, name=f"payments-web-{n}") for n in (1, 2, 3)]
    elsewhere = a_good_item(shop, name="payments database", ci_class="database")
    look()
    assert [bool(found(one)) for one in (*same, *series, elsewhere)] == [False, True, True, *[False] * 4]
    look(*same)
    assert [bool(found(one)) for one in same] == [False, True, True]
    CI.objects.filter(pk=same[1].pk).update(name="Ledger")
    look(same[1])
    assert [bool(found(one)) for one in same] == [False, False, True]


def test_a_path_of_any_length_to_a_service_connects_and_a_weaker_tier_below_a_stronger_is_told(shop: Service) -> None:
    chain = [a_good_item(shop) for _ in range(7)]
    apart(*chain)
    joined(shop, chain[0])
    for above, below in pairwise(chain):
        joined(above, below)
    alone = [a_good_item(shop) for _ in range(2)]
    apart(*alone)
    joined(*alone)  # they rest on each other only
    for way in ((), (*chain, *alone)):
        look(*way)
        assert [found(one) for one in (*chain, *alone)] == [set()] * 7 + [{"connected"}] * 2
    weak = a_service(slug="weak", team=shop.team, tier=Tier.BACKGROUND)
    Service.objects.filter(pk=shop.pk).update(tier=Tier.CRITICAL)
    relies_on(shop, weak)
    look()
    finding = Finding.objects.get(ci_id=shop.pk, finding_kind="consistent")
    assert sentence(finding, {weak.pk}).startswith(f"It rests on CI-{weak.pk:05d}")
    assert "..." in sentence(finding)


def test_how_long_an_item_is_fresh_is_said_by_its_class_or_the_next_above(shop: Service) -> None:
    item = a_good_item(shop)
    CI.objects.filter(pk=item.pk).update(last_seen_at=NOW - 10 * DAY)
    parent = a_class("virtual_machine").parent
    assert parent is not None
    for owner, days, expected in ((parent, 5, {"fresh"}), (a_class("virtual_machine"), 20, set())):
        owner.fresh_for = days * DAY
        owner.save(update_fields=["fresh_for"])
        look()
        assert found(item) == expected
    CI.objects.filter(pk=item.pk).update(last_seen_at=None)
    look()
    assert not found(item), "no source ever saw it: people keep it"


def test_an_edit_is_looked_at_soon_and_once(shop: Service) -> None:
    item = a_good_item(shop)
    operations.examine_edited(actor=KEEPER, at=NOW)
    assert not found(item)
    items.edit_item(item, actor=KEEPER, version=item.version, description="")
    assert operations.examine_edited(actor=KEEPER, at=NOW) == (1, 0)
    assert found(item) == {"full"}
    assert operations.examine_edited(actor=KEEPER, at=NOW) == (0, 0)


def test_looking_at_all_takes_as_many_statements_however_many_items_there_are(shop: Service) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            operations.examine(actor=KEEPER, at=NOW)
            operations.keep_day(at=NOW)
        return len(seen)

    sparse(a_good_item(shop))
    few = statements()
    for _ in range(5):
        sparse(a_good_item(shop))
    assert statements() == few <= 40


def test_scores_open_exactly_their_rows(
    shop: Service, crew: Team, payments: Team, person: Any, as_actor: AsActor
) -> None:
    random = Random(7)
    person("engineer", payments, username="pay")
    required_field()
    names = ("virtual_machine", "server", "physical_server", "database")
    for _ in range(24):
        slug = random.choice(names)
        rack = {"attributes": {"rack": "r"}} if slug == "virtual_machine" else {}
        item = (
            a_good_item(
                shop, ci_class=slug, team=random.choice((crew, payments)), confidential=random.random() < 0.2, **rack
            )
            if slug != "server"
            else a_good_item(shop, ci_class="container_host", team=crew)
        )
        for _, fault in random.sample(FAULTS, random.choice((0, 0, 1, 2, 3))):
            fault(item)
    for team in (crew, payments):
        a_good_item(shop, team=team, confidential=True, attributes={"rack": "r"})
    look()
    for finding in random.sample(list(Finding.objects.all()), 8):
        Finding.objects.filter(pk=finding.pk).update(accepted_until=NOW + DAY, why="x")
    readers = [as_actor(person(role)) for role in ("auditor", "agent")] + [as_actor(person("engineer", crew))]
    seen = set()
    for actor in readers:
        numbers = counted(living_items(actor), NOW)
        for (class_id, team_id), counts in numbers.items():
            rows = visible_findings(actor).filter(open_now(NOW))
            if class_id is not None:
                rows = rows.filter(ci__ci_class__lineage__contains=[class_id])
            if team_id is not None:
                rows = rows.filter(ci__team=team_id)
            for measure in MEASURES:
                opened = set(rows.filter(of_measure(measure)).values_list("ci_id", flat=True))
                assert counts.bad[measure] == len(opened), (actor.name, class_id, team_id, measure)
        seen.add(numbers[None, None].total)
    assert len(seen) == 3, "each of the three sees another part"


def test_few_items_have_no_score_and_days_leave_confidential_items_out(
    shop: Service, manager: User, as_actor: AsActor
) -> None:
    actor = as_actor(manager)
    for _ in range(4):
        a_good_item(shop)
    sparse(a_good_item(shop, confidential=True))
    look()
    operations.keep_day(at=NOW)
    operations.keep_day(at=NOW)
    found = health(actor, NOW, ci_class=a_class("virtual_machine"))
    assert (found.whole.total, found.whole.score("full"), found.whole.completeness) == (5, 80.0, 0.7 * 100 + 0.3 * 80)
    row = HealthDay.objects.get(ci_class=a_class("virtual_machine"), team=None, measure="full")
    assert (row.bad, row.total) == (0, 4)
    assert trend(NOW, "full", ci_class=a_class("virtual_machine")) == []
    assert len(trend(NOW, "full")) == 1


def test_one_click_gives_one_task_to_a_finding_and_takes_it_back_when_it_is_mended(
    shop: Service, crew: Team, payments: Team, person: Any, as_actor: AsActor
) -> None:
    mine, theirs = a_good_item(shop), a_good_item(shop, team=payments)
    person("agent", payments, username="pay")
    sparse(mine), stale(mine), sparse(theirs)
    look()
    engineer = as_actor(person("engineer", crew))
    rows = list(visible_findings(engineer))
    assert operations.give_tasks(rows, actor=engineer, at=NOW) == 2, "not those of another team"
    assert operations.give_tasks(rows, actor=engineer, at=NOW) == 0
    tasks = Task.objects.filter(record_kind="ci", record_id=mine.pk)
    assert {one.team for one in tasks} == {crew}
    assert "Not said yet: description." in " ".join(one.title for one in tasks)
    CI.objects.filter(pk=mine.pk).update(description="x")
    look(mine)
    assert tasks.all().count() == 1
    with pytest.raises(NotPermitted):
        operations.give_tasks(rows, actor=as_actor(person("auditor")), at=NOW)
    with pytest.raises(InvalidInput, match="200"):
        operations.give_tasks(rows * 201, actor=engineer, at=NOW)


def test_who_may_edit_an_item_ticks_its_tasks_on_its_page_and_over_rest(
    shop: Service, crew: Team, person: Any, as_actor: AsActor, api: Any
) -> None:
    item = a_good_item(shop, team=crew)
    sparse(item)
    look()
    engineer, stranger = person("engineer", crew), person("engineer", username="stranger")
    operations.give_tasks(list(Finding.objects.all()), actor=as_actor(engineer), at=NOW)
    task = Task.objects.get(record_kind="ci", record_id=item.pk)
    part, done = f"/health/of/{item.reference}/", f"/health/of/{item.reference}/tasks/{task.pk}/done/"
    assert done in browser(engineer).get(part).content.decode()
    assert done not in browser(stranger).get(part).content.decode()
    assert browser(stranger).post(done).status_code == 403
    assert browser(engineer).post(done).status_code == 302
    task.refresh_from_db()
    assert task.done_by == engineer
    assert Entry.objects.filter(event="ci.task_done", record_id=item.pk).count() == 1
    where = f"/api/v1/cis/{item.reference}/tasks/"
    (told,) = api(engineer).get(where).json()["results"]
    assert (told["id"], told["done_by"]) == (task.pk, engineer.username)
    assert api(stranger).patch(f"{where}{task.pk}/", {"done": False}, format="json").status_code == 403
    again = api(engineer).patch(f"{where}{task.pk}/", {"done": False}, format="json")
    assert (again.status_code, again.json()["done_at"]) == (200, None)
    assert api(engineer).patch(f"{where}{task.pk + 99}/", {"done": True}, format="json").status_code == 404


def test_what_is_accepted_counts_as_bad_again_when_the_time_is_over(
    shop: Service, manager: User, engineer: User, as_actor: AsActor
) -> None:
    item, actor = a_good_item(shop), as_actor(manager)
    sparse(item)
    look()
    finding = Finding.objects.get()
    said: dict[str, Any] = {"until": NOW + 7 * DAY, "why": "It is replaced next week.", "at": NOW}
    with pytest.raises(NotPermitted):
        operations.accept(finding, actor=as_actor(engineer), **said)
    for wrong in ({"why": " \u200b"}, {"until": NOW}, {"until": NOW + 400 * DAY}):
        with pytest.raises(InvalidInput):
            operations.accept(finding, actor=actor, **said | wrong)
    operations.accept(finding, actor=actor, version=1, **said)
    with pytest.raises(StaleVersion):
        operations.accept(finding, actor=actor, version=1, **said)
    look()
    rows = visible_findings(actor)
    assert (rows.filter(open_now(NOW)).count(), rows.filter(open_now(NOW + 8 * DAY)).count()) == (0, 1)
    assert operations.give_tasks(list(rows), actor=actor, at=NOW) == 0
    operations.take_up_again(finding, actor=actor)
    assert rows.filter(open_now(NOW)).count() == 1
    CI.objects.filter(pk=item.pk).update(description="x")
    look()
    with pytest.raises(WrongState):
        operations.accept(finding, actor=actor, **said)


def test_every_kind_is_counted_once_and_names_only_what_its_reader_sees() -> None:
    assert {*CORRECTNESS, Kind.COMPLETE, Kind.FULL} == set(Kind)
    assert CORRECT in MEASURES
    assert items_named(KEEPER, []) == set()
    assert a_type("depends_on")
