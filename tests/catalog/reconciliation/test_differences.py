"""What sources differ in is kept, what only people decide is asked, and whose word goes first may change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.cmdb.models import CI, CIClass, Group, Relation
from catalog.cmdb.operations import report_condition
from catalog.cmdb.queries.conditions import open_conditions
from catalog.cmdb.vocabulary import State
from catalog.formats.documents import Claimed, Document, Person, Read, Redundancy, Team
from catalog.reconciliation.models import Conflict, Source, SourceRecord
from catalog.reconciliation.operations import (
    accept,
    apply,
    edit_source,
    merge,
    plan,
    remove_precedence,
    renew_all,
    say,
    set_precedence,
    source_for,
    split,
)
from catalog.reconciliation.queries import report
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict as Taken
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from tests.catalog.reconciliation.sources import BRINGER, bring, item, server

pytestmark = pytest.mark.django_db


def open_conflicts() -> list[tuple[str, str, object]]:
    rows = Conflict.objects.filter(state="open").order_by("key", "record__key")
    return [(one.key, one.record.key, one.values) for one in rows.select_related("record")]


def test_another_branch_of_the_classes_is_a_conflict() -> None:
    bring("netbox", server("n", serial="1", ci_class="physical_server"))
    bring("ansible", server("a", "n", serial="1", ci_class="virtual_machine"))
    assert open_conflicts() == [("class", "a", {"holds": "physical_server", "says": "virtual_machine"})]


def test_a_state_that_no_step_leads_to_is_a_conflict() -> None:
    bring("netbox", server("n", serial="1"))
    CI.objects.update(status="retired")
    bring("ansible", server("a", "n", serial="1", status="active"))
    assert open_conflicts() == [("status", "a", {"holds": "retired", "says": "active"})]


def test_a_conflict_that_was_accepted_opens_again_when_something_else_is_said() -> None:
    bring("netbox", server("n", serial="1", os="12"))
    bring("csv", server("c", "n", serial="1", os="11"))
    accept(Conflict.objects.get(), actor=BRINGER, why="csv is old")
    bring("csv", server("c", "n", serial="1", os="11", cpus=4))
    assert Conflict.objects.get().state == "accepted"
    with pytest.raises(WrongState):
        accept(Conflict.objects.get(), actor=BRINGER, why="again")
    bring("csv", server("c", "n", serial="1", os="10", cpus=4))
    assert Conflict.objects.get().state == "open"
    bring("csv", server("c", "n", serial="1", os="12", cpus=4))
    assert Conflict.objects.get().state == "settled"


def test_what_monitors_found_goes_on_with_what_is_merged_and_is_believed_of_both_that_part(owner_actor: Actor) -> None:
    bring("netbox", server("n", serial="1"))
    bring("csv", server("c"))
    one, other = item("n"), item("c")
    for name, where, state in (
        ("probe", one, State.DEGRADED), ("probe", other, State.DOWN), ("ping", other, State.DEGRADED),
        ("agent", one, State.DOWN), ("agent", other, State.DEGRADED),
    ):  # fmt: skip
        report_condition(where, state, actor=Actor.system(name))
    merge(other, one, actor=owner_actor)
    said = dict(open_conditions(item("n")).values_list("source", "state"))
    assert said == {"probe": "down", "ping": "degraded", "agent": "down"}
    parted = split(item("n"), list(SourceRecord.objects.filter(key="c")), actor=owner_actor)
    assert parted == other
    for each in (one, parted):
        assert dict(open_conditions(each).values_list("source", "state")) == said


def test_what_people_called_one_does_not_fall_apart_by_itself_and_people_are_asked(owner_actor: Actor) -> None:
    bring("netbox", server("n", serial="1"))
    bring("csv", server("c"))
    bring("ansible", server("a", serial="1"))
    one = item("n")
    merge(item("c"), one, actor=owner_actor)
    bring("ansible", server("a", serial="2"))
    assert item("a") == one
    (key, _, values), *others = [each for each in open_conflicts() if each[0] == "identity"]
    assert (key, values, others) == (
        "identity",
        {"question": "split", "items": [one.pk], "parts": [["ansible:a"], ["csv:c", "netbox:n"]]},
        [],
    )
    split(one, list(SourceRecord.objects.filter(key="a")), actor=owner_actor)
    assert item("a") != one
    assert not [each for each in open_conflicts() if each[0] == "identity"]


def test_another_rank_changes_what_holds_once_it_is_worked_out_anew() -> None:
    bring("netbox", server("n", serial="1", os="12"))
    bring("csv", server("c", "n", serial="1", os="11", cpus=4))
    csv = Source.objects.get(slug="csv")
    rule = set_precedence(CIClass.objects.get(slug="server"), csv, 1, actor=BRINGER, key="attributes.os")
    with pytest.raises(Taken):
        set_precedence(CIClass.objects.get(slug="server"), csv, 2, actor=BRINGER, key="attributes.os")
    assert renew_all(actor=BRINGER, at=timezone.now()) == 1
    assert item("n").attributes["os"] == "11"
    remove_precedence(rule, actor=BRINGER)
    assert renew_all(actor=BRINGER, at=timezone.now(), source=csv) == 1
    assert item("n").attributes["os"] == "12"


def test_a_silent_source_yields_where_that_is_asked_for() -> None:
    bring("netbox", server("n", serial="1", os="12"))
    bring("csv", server("c", "n", serial="1", os="11"))
    later = timezone.now() + timedelta(days=40)
    SourceRecord.objects.filter(key="c").update(last_seen_at=later)
    renew_all(actor=BRINGER, at=later)
    assert item("n").attributes["os"] == "12"
    netbox = Source.objects.get(slug="netbox")
    edit_source(netbox, actor=BRINGER, version=netbox.version, silent_after=timedelta(days=30))
    renew_all(actor=BRINGER, at=later)
    assert item("n").attributes["os"] == "11"


def test_a_relation_is_found_by_identifier_name_or_slug_and_held_as_long_as_one_claims_it() -> None:
    to = [Claimed("runs_on", "out", "H.x.org", by="fqdn"), Claimed("depends_on", "in", "shop", by="slug")]
    bring("ansible", server("a", serial="1", relations=to))
    assert not Relation.objects.exists()
    bring("netbox", server("h", serial="2", ci_class="physical_server", fqdn="h.x.org"))
    bring("backstage", server("c", "Shop", ci_class="technical_service", identifiers={"slug": "shop"}))
    assert sorted(Relation.objects.values_list("source__name", "type__slug", "target__name")) == [
        ("Shop", "depends_on", "a"), ("a", "runs_on", "h"),
    ]  # fmt: skip
    bring("csv", server("c2", "a", serial="1", relations=[Claimed("runs_on", "out", "h", by="name")]))
    bring("ansible", server("a", serial="1"))
    living = Relation.objects.filter(ended_at=None)
    assert list(living.values_list("source__name", "type__slug")) == [("a", "runs_on")]
    bring("csv", server("c2", "a", serial="1"))
    assert not living.exists()


def test_members_of_a_cluster_are_one_group_of_which_a_share_is_enough() -> None:
    hosts = [
        server(f"h{at}", serial=f"H{at}", ci_class="container_host", relations=[Claimed("member_of", "out", "k")]) for at in range(5)
    ]  # fmt: skip
    cluster = Document("k", "kubernetes_cluster", "prod", redundancy=[Redundancy("member_of", 60)])
    bring("kubernetes", *hosts, cluster)
    group = Group.objects.get()
    assert (group.consumer, group.needs, group.needs_share) == (item("k"), None, 60)
    assert group.relations.count() == 5
    read = group.version
    bring("kubernetes", *hosts, replace(cluster, redundancy=[Redundancy("member_of", 80)]))
    group.refresh_from_db()
    assert (group.needs_share, group.version) == (80, read + 1)  # who read it before edits nothing unseen


def test_teams_come_before_what_they_own_and_people_cannot_sign_in() -> None:
    read = Read(
        documents=[Document("c", "application", "Shop", owner="pay")],
        teams=[Team("group:pay", "pay", "Payments", members=["user:ada"])],
        people=[Person("user:ada", "ada", "Ada")],
        count=3,
    )
    source = source_for("backstage", actor=BRINGER)
    assert report(apply(plan(source, read, actor=BRINGER), actor=BRINGER), BRINGER)["created"] == 3
    ada = User.objects.get(username="ada")
    assert (ada.is_active, ada.roles, ada.has_usable_password()) == (False, [], False)
    assert item("c").team.slug == "pay"
    assert list(item("c").team.memberships.values_list("user__username", flat=True)) == ["ada"]
    again = report(apply(plan(source, read, actor=BRINGER), actor=BRINGER), BRINGER)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)


def test_only_administrators_add_teams_and_people_by_a_file(owner_actor: Actor) -> None:
    read = Read(teams=[Team("group:pay", "pay", "Payments")], people=[Person("user:ada", "ada", "Ada")], count=2)
    run = apply(plan(source_for("backstage", actor=owner_actor), read, actor=owner_actor), actor=owner_actor)
    assert [one["document"] for one in report(run, BRINGER)["refused"]] == ["group:pay", "user:ada"]


def test_who_may_not_bring_items_in_is_refused(requester, agent, auditor, as_actor) -> None:
    bring("netbox", server("n", serial="1"), server("m", serial="2"))
    run = plan(source_for("netbox", actor=BRINGER), Read(), actor=BRINGER)
    first, second = SourceRecord.objects.order_by("pk")
    for person in (requester, agent, auditor):
        actor = as_actor(person)
        for refused in (
            lambda actor=actor: source_for("csv", actor=actor),
            lambda actor=actor: plan(run.source, Read(), actor=actor),
            lambda actor=actor: apply(run, actor=actor),
            lambda actor=actor: say(first, second, True, actor=actor),
            lambda actor=actor: merge(item("n"), item("m"), actor=actor),
            lambda actor=actor: set_precedence(item("n").ci_class, run.source, 1, actor=actor),
        ):
            with pytest.raises(NotPermitted):
                refused()


def test_engineers_bring_items_in_and_do_not_say_whose_word_goes_first(engineer, as_actor) -> None:
    actor = as_actor(engineer)
    source = source_for("csv", "our-table", actor=actor)
    run = apply(plan(source, Read([server("1", serial="1")], count=1), actor=actor), actor=actor)
    assert report(run, BRINGER)["created"] == 1
    with pytest.raises(NotPermitted):
        edit_source(source, actor=actor, version=source.version, rank=0)
    for format, slug in (("people", ""), ("csv", "people"), ("rumour", ""), ("netbox", "our-table")):
        with pytest.raises(InvalidInput):
            source_for(format, slug, actor=actor)


def test_a_broken_file_and_what_is_over_are_refused() -> None:
    source = source_for("csv", actor=BRINGER)
    with pytest.raises(InvalidInput):
        plan(source, Read(broken=True), actor=BRINGER)
    run = bring("csv", server("1", serial="1"))
    with pytest.raises(WrongState):
        apply(run, actor=BRINGER)


def test_only_whole_items_are_merged_and_some_records_split_off(owner_actor: Actor) -> None:
    bring("netbox", server("n", serial="1"), server("m", serial="2"))
    bring("backstage", server("c", "Shop", ci_class="technical_service", identifiers={"slug": "shop"}))
    with pytest.raises(InvalidInput):
        merge(item("n"), item("n"), actor=owner_actor)
    with pytest.raises(WrongState):
        merge(item("c"), item("n"), actor=owner_actor)
    with pytest.raises(InvalidInput):
        split(item("n"), list(item("n").records.all()), actor=owner_actor)
    with pytest.raises(InvalidInput):
        split(item("n"), list(item("m").records.all()), actor=owner_actor)
    CI.objects.filter(pk=item("m").pk).update(status="retired")
    with pytest.raises(WrongState):
        merge(item("m"), item("n"), actor=owner_actor)
