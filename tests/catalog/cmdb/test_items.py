"""Items: their life, their edits with what accounts for them, what identifies and relates them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.cmdb import operations
from catalog.cmdb.operations import Origin
from catalog.cmdb.queries import covers
from catalog.cmdb.queries.items import unaccounted, visible_items
from catalog.cmdb.workflow import WORKFLOW
from catalog.models import CI, Group, History
from catalog.reconciliation.queries.known import Known
from changes.models import Change
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.fields import operations as fields
from itsm.kernel.actors import Actor
from itsm.kernel.errors import (
    Conflict,
    InvalidInput,
    MissingInformation,
    NotPermitted,
    StaleVersion,
    VersionRequired,
    WrongState,
)
from tests.factories.catalog import KEEPER, a_class, an_item, joined
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]


@pytest.fixture
def items(db: None) -> Team:
    return Team.objects.get_or_create(slug="items", defaults={"name": "Items"})[0]


@pytest.fixture
def keeper(person: Any, items: Team, as_actor: AsActor) -> Actor:
    """An engineer of the team that owns the items."""
    return as_actor(person("engineer", items))


def test_an_engineer_keeps_the_items_of_their_team_and_no_others(keeper: Actor, payments: Team) -> None:
    item = operations.open_item(actor=keeper, ci_class=a_class("printer"), name="Floor 3")
    assert (item.reference, item.status) == (f"CI-{item.pk:05d}", "planned")
    with pytest.raises(NotPermitted, match="own teams"):
        operations.open_item(actor=keeper, ci_class=a_class("printer"), name="Theirs", team=payments)
    theirs = an_item(team=payments)
    for act in (
        lambda: operations.edit_item(theirs, actor=keeper, version=1, name="x"),
        lambda: operations.take_out(theirs, actor=keeper, reason="x"),
        lambda: operations.set_identifiers(theirs, [("serial", "1")], actor=keeper, version=1),
        lambda: joined(theirs, an_item(team=payments), actor=keeper),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize("role", ["requester", "agent", "approver", "auditor"])
def test_who_only_reads_writes_nothing(role: str, person: Any, as_actor: AsActor) -> None:
    actor, item = as_actor(person(role)), an_item()
    for act in (
        lambda: operations.open_item(actor=actor, ci_class=a_class("printer"), name="x"),
        lambda: operations.edit_item(item, actor=actor, version=1, name="x"),
        lambda: operations.retire(item, actor=actor),
        lambda: joined(item, an_item(), actor=actor),
        lambda: operations.add_class(actor=actor, slug="x", name="X"),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert visible_items(actor).exists() is (role != "requester")


def test_a_confidential_item_is_seen_by_its_team_managers_and_auditors(
    keeper: Actor, person: Any, as_actor: AsActor
) -> None:
    item = an_item(confidential=True)
    seen = {
        role: visible_items(as_actor(person(role))).filter(pk=item.pk).exists()
        for role in ("manager", "auditor", "owner", "agent")
    }
    assert seen == {"manager": True, "auditor": True, "owner": False, "agent": False}
    assert visible_items(keeper).filter(pk=item.pk).exists()


def test_an_abstract_class_and_a_service_are_not_added_as_items() -> None:
    for slug in ("place", "technical_service", "service"):
        with pytest.raises(InvalidInput):
            operations.open_item(actor=KEEPER, ci_class=a_class(slug), name="x")


def test_an_edit_writes_only_what_was_touched_and_keeps_it_by_key(keeper: Actor) -> None:
    item = an_item(name="web-01", description="Serves")
    with pytest.raises(VersionRequired):
        operations.edit_item(item, actor=keeper, version=None, name="web-02")
    changed = operations.edit_item(item, actor=keeper, version=1, name="web-02", description="Serves")
    assert (changed.version, changed.description) == (2, "Serves")
    rows = History.objects.filter(ci=item).exclude(before=None)
    assert [(row.key, row.before, row.after, row.actor_id) for row in rows] == [("name", "web-01", "web-02", keeper.id)]
    with pytest.raises(StaleVersion):
        operations.edit_item(item, actor=keeper, version=1, name="web-03")
    same = operations.edit_item(item, actor=keeper, version=2, name="web-02")
    assert (same.version, History.objects.filter(ci=item).exclude(before=None).count()) == (2, 1)


def test_the_item_of_a_service_is_edited_as_a_service(keeper: Actor) -> None:
    item = CI.objects.select_related("ci_class").get(pk=a_service().pk)
    with pytest.raises(InvalidInput, match="edit the service"):
        operations.edit_item(item, actor=KEEPER, version=1, name="Other")
    with pytest.raises(WrongState, match="is the service"):
        operations.retire(item, actor=KEEPER, reason="x")


@pytest.fixture
def covered(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the registered source says; nothing covers anything at first."""
    said = {"covers": ""}
    monkeypatch.setattr(
        covers,
        "_registered",
        [lambda services, at, named: said["covers"] if not named or named == said["covers"] else ""],
    )
    return said


def test_an_edit_in_production_without_a_change_is_flagged_and_a_covered_one_is_not(
    keeper: Actor, covered: dict[str, str]
) -> None:
    item = an_item(environment="production")
    operations.edit_item(item, actor=keeper, version=1, name="renamed")
    assert [row.key for row in unaccounted(item)] == ["name", "status", "name"]  # and its birth in service
    covered["covers"] = "CHG-00007"
    operations.edit_item(item, actor=keeper, version=2, name="renamed again")
    newest = History.objects.filter(ci=item)[0]
    assert (newest.accounted, newest.change_reference) == (True, "CHG-00007")
    assert unaccounted(item).count() == 3


def test_what_needs_no_change_is_accounted_for(keeper: Actor, covered: dict[str, str]) -> None:
    item, test = an_item(environment="production"), an_item(environment="test")
    before = unaccounted(item).count()
    operations.edit_item(item, actor=keeper, version=1, description="Words")
    operations.edit_item(test, actor=keeper, version=1, name="renamed")
    assert (unaccounted(item).count(), unaccounted(test).count()) == (before, 0)


def test_discovery_never_accounts_for_itself(covered: dict[str, str]) -> None:
    item = an_item(environment="production")
    operations.edit_item(item, actor=KEEPER, version=1, name="found", origin=Origin(source="netbox", run=3))
    row = History.objects.filter(ci=item)[0]
    assert (row.accounted, row.source, row.run) == (False, "netbox", 3)


def test_what_an_import_is_the_first_to_know_is_no_edit() -> None:
    source = Origin(source="netbox", run=3)
    item = an_item(environment="")
    before = unaccounted(item).count()
    operations.edit_item(item, actor=KEEPER, version=1, environment="production", origin=source)
    operations.edit_item(item, actor=KEEPER, version=2, attributes={"cpus": 2}, origin=source)
    assert unaccounted(item).count() == before
    operations.edit_item(item, actor=KEEPER, version=3, attributes={"cpus": 4}, origin=source)
    assert [row.key for row in unaccounted(item)][:1] == ["attributes.cpus"]


def test_a_named_change_must_have_run_then(keeper: Actor, covered: dict[str, str]) -> None:
    item = an_item(environment="production")
    with pytest.raises(InvalidInput, match="covers no edit"):
        operations.edit_item(item, actor=keeper, version=1, name="x", origin=Origin(change="CHG-00009"))
    covered["covers"] = "CHG-00009"
    operations.edit_item(item, actor=keeper, version=1, name="x", origin=Origin(change="CHG-00009"))
    assert History.objects.filter(ci=item)[0].change_reference == "CHG-00009"


def test_another_person_explains_an_edit_or_a_change_does(
    keeper: Actor, covered: dict[str, str], person: Any, as_actor: AsActor, pipeline: User
) -> None:
    item = an_item(environment="production")
    operations.edit_item(item, actor=keeper, version=1, name="renamed")
    row = History.objects.filter(ci=item)[0]
    with pytest.raises(NotPermitted, match="Another person"):
        operations.explain(row, actor=keeper, why="It had to be")
    with pytest.raises(NotPermitted):
        operations.explain(row, actor=as_actor(pipeline), why="It had to be")
    with pytest.raises(InvalidInput, match="say why"):
        operations.explain(row, actor=as_actor(person("manager")), why="\u200b")
    operations.explain(row, actor=as_actor(person("manager")), why="A typo of the import")
    assert row not in unaccounted(item)
    with pytest.raises(Conflict):
        operations.explain(row, actor=as_actor(person("owner")), why="Again")
    born = History.objects.filter(ci=item, key="status").get()
    covered["covers"] = "CHG-00003"
    operations.explain(born, actor=keeper, change="CHG-00003")
    assert [one.key for one in unaccounted(item)] == ["name"]


def test_a_change_that_runs_in_production_covers_its_services_and_what_is_below() -> None:
    from changes.change.queries.covering import covering

    now, service = timezone.now(), a_service()
    author = User.objects.create(username="author")
    change = Change.objects.create(
        service=service,
        environment="production",
        summary="x",
        requested_by=author,
        created_at=now,
        started_at=now - timedelta(hours=30),
    )
    machine = an_item()
    joined(service, machine, "runs_on")
    assert covers.covering(machine, now) == change.reference
    assert covering([a_service().pk], now, "") == ""
    Change.objects.update(finished_at=now - timedelta(hours=23))
    assert covers.covering(machine, now) == change.reference
    Change.objects.update(finished_at=now - timedelta(hours=25))
    assert covers.covering(machine, now) == ""
    assert covers.covering(machine, now, change.reference) == ""


def test_the_life_of_an_item_goes_by_its_table(keeper: Actor, person: Any, as_actor: AsActor) -> None:
    item = operations.open_item(actor=keeper, ci_class=a_class("printer"), name="Floor 3")
    with pytest.raises(MissingInformation, match="which team"):
        operations.put_into_service(item, actor=keeper)
    operations.order(item, actor=keeper)
    operations.build(item, actor=keeper)
    team = Team.objects.get(slug="items")
    operations.edit_item(item, actor=keeper, version=3, team=team)
    operations.put_into_service(item, actor=keeper)
    with pytest.raises(MissingInformation, match="reason"):
        operations.take_out(item, actor=keeper, reason=" ")
    operations.take_out(item, actor=keeper, reason="Paper jam")
    operations.put_into_service(item, actor=keeper)
    operations.retire(item, actor=keeper)
    with pytest.raises(NotPermitted):
        operations.revive(item, actor=keeper, reason="Too early")
    operations.revive(item, actor=as_actor(person("manager")), reason="Too early")
    item.refresh_from_db()
    assert item.status == "planned"
    told = list(
        Entry.objects.filter(record_kind="ci", record_id=item.pk).order_by("id").values_list("event", flat=True)
    )
    assert [event.partition(".")[2] for event in told if event != "ci.edited"] == [
        "created", "ordered", "begun", "put_into_service", "taken_out", "put_into_service", "retired", "revived",
    ]  # fmt: skip
    statuses = History.objects.filter(ci=item, key="status").order_by("id").values_list("after", flat=True)
    assert list(statuses) == ["planned", "stock", "building", "active", "maintenance", "active", "retired", "planned"]


def test_what_something_rests_on_is_retired_with_a_reason_only(keeper: Actor) -> None:
    host = an_item("physical_server")
    joined(an_item(), host, "runs_on")
    with pytest.raises(MissingInformation, match="rests on it"):
        operations.retire(host, actor=keeper)
    assert operations.retire(host, actor=keeper, reason="Moved").status == "retired"


def test_who_has_an_interest_does_not_take_away_what_holds_their_change(
    keeper: Actor, monkeypatch: pytest.MonkeyPatch, person: Any, as_actor: AsActor
) -> None:
    from itsm.accounts import interest

    service, machine = a_service(), an_item()
    relation = joined(service, machine, "runs_on")
    stake = interest.Stake(keeper.id or 0, "CHG-00001")
    monkeypatch.setattr(interest, "_sources", [lambda services: [stake] if service.pk in services else []])
    with pytest.raises(NotPermitted, match="interest in CHG-00001"):
        operations.end_relation(relation, actor=keeper, version=1)
    with pytest.raises(NotPermitted, match="interest in CHG-00001"):
        operations.retire(machine, actor=keeper, reason="Old")
    assert operations.end_relation(relation, actor=as_actor(person("manager")), version=1).ended_at is not None


def test_a_relation_fits_its_type(keeper: Actor) -> None:
    host, machine = an_item("physical_server"), an_item()
    joined(machine, host, "runs_on")
    with pytest.raises(Conflict, match="already"):
        joined(machine, host, "runs_on")
    with pytest.raises(InvalidInput, match="others"):
        joined(host, host)
    with pytest.raises(InvalidInput, match="where the service is edited"):
        joined(a_service(), a_service())
    with pytest.raises(InvalidInput, match="no failure"):
        joined(machine, host, "connects_to", group="pair")
    only = operations.add_relation_type(
        actor=KEEPER,
        slug="mirrors",
        reading="mirrors",
        reverse="is mirrored by",
        target_classes=[a_class("datastore").pk],
    )
    with pytest.raises(InvalidInput, match="joins only datastore"):
        joined(machine, host, only.slug)
    assert joined(machine, an_item("database"), only.slug).pk
    operations.retire(host, actor=KEEPER, reason="x")
    with pytest.raises(WrongState, match="retired"):
        joined(an_item(), host, "runs_on")


def test_parts_do_not_go_round_in_a_circle() -> None:
    a, b, c = (an_item("system") for _ in range(3))
    joined(a, b, "part_of")
    joined(b, c, "part_of")
    with pytest.raises(InvalidInput, match="part of"):
        joined(c, a, "part_of")


def test_types_group_what_comes_together_and_an_empty_group_goes(keeper: Actor) -> None:
    service = a_service()
    berlin = [an_item("service_instance", environment="production") for _ in range(2)]
    staging = an_item("service_instance", environment="staging")
    made = [joined(one, service, "instance_of") for one in (*berlin, staging)]
    names = [one.group.name for one in made if one.group is not None]
    assert names == ["instance_of production", "instance_of production", "instance_of staging"]
    group = made[0].group
    assert group is not None
    operations.edit_group(group, actor=KEEPER, version=1, needs_share=60)
    group.refresh_from_db()
    assert (group.needs, group.needs_share) == (None, 60)
    operations.end_relation(made[2], actor=KEEPER, version=1)
    assert not Group.objects.filter(name="instance_of staging").exists()


def test_an_identifier_names_one_item(keeper: Actor) -> None:
    one, other = an_item(), an_item()
    operations.set_identifiers(one, [("Serial", " AB-12 "), ("fqdn", "Web.Example.org")], actor=keeper, version=1)
    assert list(one.identifiers.values_list("scheme", "value")) == [("fqdn", "web.example.org"), ("serial", "ab-12")]
    with pytest.raises(Conflict, match="Another item"):
        operations.set_identifiers(other, [("serial", "ab-12")], actor=keeper, version=1)
    operations.set_identifiers(one, [], actor=keeper, version=2)
    assert not one.identifiers.exists()


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("uuid", "{4C4C4544-0042-3010-8052-B4C04F4D3432}"), ("fqdn", "Web.Example.org."),
        ("serial+vendor", "AB-12 | Dell Inc."), ("name+environment", "Web-1 | production"), ("asset_tag", "A|7"),
    ],
)  # fmt: skip
def test_what_people_identify_an_item_by_is_what_an_import_knows_it_by(
    keeper: Actor, scheme: str, written: str
) -> None:
    item = an_item("server")
    parts = written.split("|") if "+" in scheme else [written]
    known = Known().identifiers.values(item.ci_class.slug, dict(zip(scheme.split("+"), parts, strict=True)))
    for value in (written, known[scheme]):  # as a person types it, and as the page shows it
        operations.set_identifiers(item, [(scheme, value)], actor=keeper, version=item.version)
        item.refresh_from_db()
        assert list(item.identifiers.values_list("scheme", "value")) == [(scheme, known[scheme])]


@each_of(
    ("scheme", "value", "words"),
    [
        ("serial", "To be filled by O.E.M.", "tells nothing apart"), ("fqdn", "web", "tells nothing apart"),
        ("serial+vendor", "4711 dell", "serial . vendor"), ("serial", " ", "tells nothing apart"),
        ("", "4711", "tells nothing apart"),
    ],
)  # fmt: skip
def test_what_would_identify_nothing_is_refused(keeper: Actor, scheme: str, value: str, words: str) -> None:
    item = an_item()
    with pytest.raises(InvalidInput, match=words):
        operations.set_identifiers(item, [(scheme, value)], actor=keeper, version=1)
    assert not item.identifiers.exists()


def test_a_class_with_five_fields_is_there_without_a_deployment_and_below_it_nothing_loosens(
    admin: User, as_actor: AsActor
) -> None:
    boss = as_actor(admin)
    scanner = operations.add_class(actor=boss, slug="scanner", name="Scanner", parent=a_class("printer"))
    badge = operations.add_class(actor=boss, slug="badge_scanner", name="Badge scanner", parent=scanner)
    assert badge.lineage == [a_class("printer").pk, scanner.pk, badge.pk]
    for key, type_ in (
        ("memory", "whole"),
        ("colour", "yes_no"),
        ("price", "decimal"),
        ("bought", "date"),
        ("site", "text"),
    ):
        fields.add_field(
            actor=boss,
            owner=scanner.owner,
            key=key,
            type=type_,
            label=key,
            required="resolve" if key == "site" else "never",
        )
    item = an_item("badge_scanner", attributes={"memory": 8, "site": "Oslo"})
    assert item.attributes == {"memory": 8, "site": "Oslo"}
    with pytest.raises(Conflict, match="taken"):
        fields.add_field(actor=boss, owner=badge.owner, key="site", type="text", label="Site")
    with pytest.raises(InvalidInput, match="memory"):
        operations.edit_item(item, actor=KEEPER, version=1, attributes={"memory": "eight"})
    with pytest.raises(InvalidInput, match="Unknown field"):
        operations.edit_item(an_item("printer"), actor=KEEPER, version=1, attributes={"memory": 8})
    empty = operations.open_item(actor=KEEPER, ci_class=badge, name="x", team=item.team)
    with pytest.raises(MissingInformation, match="site"):
        operations.put_into_service(empty, actor=KEEPER)
    with pytest.raises(Conflict, match="cannot be abstract"):
        operations.edit_class(badge, actor=boss, version=1, abstract=True)
    with pytest.raises(Conflict, match="already a class"):
        operations.add_class(actor=boss, slug="scanner", name="Again")


def test_a_purge_leaves_the_same_key_of_another_class_alone(admin: User, as_actor: AsActor) -> None:
    boss = as_actor(admin)
    made = [
        fields.add_field(actor=boss, owner=f"ci:{slug}", key="floor", type="whole", label="Floor")
        for slug in ("printer", "workstation")
    ]
    kept = an_item("workstation", attributes={"floor": 3})
    gone = an_item("printer", attributes={"floor": 4})
    fields.purge(fields.retire(made[0], actor=boss), actor=boss)
    fields.purge_when_due(made[0].pk, timezone.now())
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.attributes, gone.attributes) == ({"floor": 3}, {})


def test_every_step_has_its_operation() -> None:
    assert set(WORKFLOW.operations) == set(WORKFLOW.steps)
