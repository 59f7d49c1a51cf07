"""Relations that imports, merges and splits begin, end or take along are history of both ends."""

from typing import Any

import pytest

from catalog.cmdb.models import CI, Relation
from catalog.cmdb.operations import relation_histories
from catalog.cmdb.queries import covers
from catalog.formats.documents import Claimed
from catalog.reconciliation.models import Conflict, SourceRecord
from catalog.reconciliation.operations import accept, merge, split
from catalog.reconciliation.queries.examples import shown_to
from itsm.kernel.actors import Actor
from tests.catalog.reconciliation.sources import BRINGER, bring, item, server
from tests.factories.catalog import joined

pytestmark = pytest.mark.django_db

LIVE = {"environment": "production"}


def host(key: str, **said: Any) -> Any:
    return server(key, serial=key, ci_class="physical_server", **LIVE, **said)


def guest(key: str, on: str, **said: Any) -> Any:
    return server(key, serial=key, relations=[Claimed("runs_on", "out", on)], **LIVE, **said)


def told(one: CI, run: int | None = None) -> list[tuple[Any, ...]]:
    """What the history says of relations: key, before, after, source, whether it is accounted for."""
    rows = one.history.filter(key__regex="^relat(ion|ed):").order_by("pk")
    rows = rows if run is None else rows.filter(run=run)
    return list(rows.values_list("key", "before", "after", "source", "accounted"))


def test_what_an_import_relates_is_learned_and_stands_in_the_history_of_both() -> None:
    run = bring("netbox", host("h"), guest("v", "h"))
    upper, lower = item("v"), item("h")
    assert told(upper, run.pk) == [("relation:runs_on", None, lower.reference, "netbox", True)]
    assert told(lower, run.pk) == [("related:runs_on", None, upper.reference, "netbox", True)]
    bring("netbox", host("h"), guest("v", "h"))
    assert len(told(upper)) == 1


def test_what_comes_with_the_item_that_it_is_related_to_is_learned_too() -> None:
    bring("netbox", host("h"), guest("v", "h"))
    both = [Claimed("runs_on", "out", key) for key in ("h", "j")]
    run = bring("netbox", server("v", serial="v", relations=both, **LIVE), host("j"))
    assert told(item("v"), run.pk) == [("relation:runs_on", None, item("j").reference, "netbox", True)]


def test_what_moves_to_another_host_in_production_is_an_edit_without_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    bring("netbox", host("h"), host("i"), guest("v", "h"))
    one, other = item("h").reference, item("i").reference
    run = bring("netbox", guest("v", "i"))
    ended, begun = ("relation:runs_on", one, None, "netbox"), ("relation:runs_on", None, other, "netbox")
    assert sorted(told(item("v"), run.pk), key=str) == sorted([(*ended, False), (*begun, False)], key=str)
    assert [row[-1] for row in told(item("h"), run.pk)] == [False]
    monkeypatch.setattr(covers, "_registered", [lambda services, at, named: "CHG-00007"])
    run = bring("netbox", guest("v", "h"))
    assert {row[-1] for row in told(item("v"), run.pk)} == {True}
    assert set(item("v").history.filter(run=run.pk).values_list("change_reference", flat=True)) == {"CHG-00007"}


def test_of_many_at_once_the_history_of_one_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relation_histories, "MOST_NAMED", 2)
    bring("netbox", host("h"), *(guest(f"v{number}", "h") for number in range(3)))
    assert told(item("h")) == [("related:runs_on", None, 3, "netbox", True)]
    assert told(item("v1")) == [("relation:runs_on", None, item("h").reference, "netbox", True)]
    bring("netbox", host("h"), complete=True)
    assert told(item("h"))[1:] == [("related:runs_on", 3, None, "netbox", False)]


def test_what_is_looked_at_names_no_other_item() -> None:
    bring("netbox", host("h"), host("i"), guest("v", "h"))
    run = bring("netbox", guest("v", "i"), dry=True)
    assert shown_to(run, BRINGER) == []


def test_a_merge_is_history_of_both_items_and_of_what_they_are_related_to(owner_actor: Actor) -> None:
    bring("netbox", host("h"))
    bring("csv", host("i"), guest("v", "i"))
    first, second, upper = item("h"), item("i"), item("v")
    merge(second, first, actor=owner_actor)
    ours = "people"
    assert told(second)[-1] == ("related:runs_on", upper.reference, None, ours, True)
    assert told(first) == [("related:runs_on", None, upper.reference, ours, True)]
    assert told(upper)[-1] == ("relation:runs_on", second.reference, first.reference, ours, True)
    assert {one.why for one in first.history.filter(key="related:runs_on")} == {"Two items are one."}


def test_an_import_that_finds_two_items_to_be_one_is_named_in_the_history() -> None:
    bring("netbox", server("n", fqdn="n.example.org", **LIVE))
    bring("csv", host("h"), guest("v", "h"))
    survivor, gone, run = item("n"), item("v"), bring("ansible", guest("v", "w", fqdn="n.example.org"))
    gone.refresh_from_db()
    assert gone.merged_into == survivor
    assert told(item("h"), run.pk) == [("related:runs_on", gone.reference, survivor.reference, "ansible", True)]


def test_a_split_gives_the_relations_of_its_records_back_with_their_history(owner_actor: Actor) -> None:
    bring("netbox", host("h"))
    bring("csv", host("i"), guest("v", "i"))
    first, second, upper = item("h"), item("i"), item("v")
    by_hand = joined(item("h"), server_room(), "located_in")
    merge(second, first, actor=owner_actor)
    split(first, list(SourceRecord.objects.filter(key="i")), actor=owner_actor)
    living = Relation.objects.filter(ended_at=None, type__slug="runs_on")
    assert list(living.values_list("source", "target")) == [(upper.pk, second.pk)]
    assert told(upper)[-2:] == [
        ("relation:runs_on", first.reference, None, "people", True),
        ("relation:runs_on", None, second.reference, "people", True),
    ]
    by_hand.refresh_from_db()
    assert (by_hand.source, by_hand.ended_at) == (first, None)


def server_room() -> CI:
    bring("netbox", server("room", ci_class="room"))
    return item("room")


def test_what_was_accepted_of_a_record_goes_along_with_it_and_back(owner_actor: Actor) -> None:
    bring("netbox", server("n", "web"))
    bring("csv", server("c", "web-one", serial="1", os="Debian 12"))
    bring("ansible", server("a", "web-one", serial="1", os="Debian 13"))
    first, second = item("n"), item("c")
    accept(Conflict.objects.get(ci=second, key="attributes.os"), actor=owner_actor, why="is renewed")
    merge(second, first, actor=owner_actor)
    assert [(one.ci, one.state) for one in of_the_system()] == [(first, "accepted")]
    split(first, list(SourceRecord.objects.filter(key__in=("c", "a"))), actor=owner_actor)
    assert [(one.ci, one.state) for one in of_the_system()] == [(second, "accepted")]


def of_the_system() -> list[Conflict]:
    return list(Conflict.objects.filter(key="attributes.os", record__key="c").select_related("ci"))
