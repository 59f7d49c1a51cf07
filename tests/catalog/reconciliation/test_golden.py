"""The golden cases at the level of runs, in any order of sources."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.cmdb.models import CI, CIClass, History, Identifier
from catalog.cmdb.operations import edit_item, open_item
from catalog.engine.reconcile import Lost
from catalog.formats.documents import Document
from catalog.reconciliation.models import Conflict, Run, RunDocument, SourceRecord, Verdict
from catalog.reconciliation.operations import merge, say, split, withdraw
from catalog.reconciliation.queries import report, why
from itsm.kernel.actors import Actor
from tests.catalog.reconciliation.sources import BRINGER, begun, bring, counts, item, server
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db

THEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
Batch = tuple[str, Document]


class Undone(Exception):
    """Takes back what was brought in, so that the next order begins anew."""


def picture() -> object:
    """All that is true now, without the numbers of rows."""
    found = []
    for one in CI.objects.filter(merged_into=None, records__isnull=False).distinct():
        records = sorted(f"{record.source.slug}:{record.key}" for record in one.records.select_related("source"))
        found.append(
            (
                records, one.name, one.ci_class.slug, sorted(one.attributes.items()),
                sorted(one.identifiers.values_list("scheme", "value", "contested")),
                sorted(one.conflicts.exclude(state="settled").values_list("key", "record__key")),
            )
        )  # fmt: skip
    return sorted(found)


def in_any_order(*batches: Batch, after: Callable[[], None] = lambda: None) -> object:
    """What is true after these, each a run of its own, whatever their order. At most 50 of the orders."""
    orders = list(permutations(batches))
    chosen = Random(1).sample(orders, min(len(orders), 50 if IN_FULL else 3))
    pictures = []
    for order in chosen:
        try:
            with transaction.atomic():
                for source, document in order:
                    bring(source, document)
                after()
                pictures.append(picture())
                raise Undone
        except Undone:
            pass
    assert all(one == pictures[0] for one in pictures)
    for source, document in batches:
        bring(source, document)
    after()
    return pictures[0]


def records_of_each() -> list[list[str]]:
    rows = CI.objects.filter(merged_into=None, records__isnull=False).distinct()
    return sorted(sorted(one.records.values_list("key", flat=True)) for one in rows)


def test_three_sources_that_disagree_come_to_the_same_in_any_order() -> None:
    in_any_order(
        ("netbox", server("n", "web-01", serial="1", os="Debian 12", role="web")),
        ("ansible", server("a", "web-01.x.org", serial="1", fqdn="web-01.x.org", os="Debian 13", cpus=4)),
        ("csv", server("c", "WEB", fqdn="WEB-01.X.org.", os="Debian 11", cpus=8, memory_mib=4096)),
    )
    found = CI.objects.get(merged_into=None, records__key="n")
    assert records_of_each() == [["a", "c", "n"]]
    assert found.attributes == {"os": "Debian 12", "role": "web", "cpus": 4, "memory_mib": 4096}
    assert sorted(Conflict.objects.filter(state="open").values_list("key", "record__key")) == [
        ("attributes.cpus", "c"), ("attributes.os", "a"), ("attributes.os", "c"), ("name", "a"), ("name", "c"),
    ]  # fmt: skip


def test_golden_3_what_only_csv_says_is_filled_in() -> None:
    in_any_order(("netbox", server("n", serial="1")), ("csv", server("c", "n", serial="1", cpus=4)))
    assert item("n").attributes == {"cpus": 4}


def test_golden_4_what_netbox_says_no_more_is_csvs_again() -> None:
    bring("netbox", server("n", serial="1", os="Debian 12"))
    bring("csv", server("c", "n", serial="1", os="Debian 11"))
    bring("netbox", server("n", serial="1"), complete=True)
    assert item("n").attributes == {"os": "Debian 11"}
    assert not Conflict.objects.exclude(state="settled").exists()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param({"serial": "1"}, {"serial": "1 "}, [["a", "n"]], id="5 one serial"),
        pytest.param(
            {"serial": "1", "fqdn": "x.org"},
            {"serial": "2", "fqdn": "x.org"},
            [["a"], ["n"]],
            id="6 one fqdn, two serials",
        ),
        pytest.param({"serial": "NA"}, {"serial": "NA"}, [["a"], ["n"]], id="10 a placeholder"),
        pytest.param({"fqdn": " WEB-01.X.org. "}, {"fqdn": "web-01.x.org"}, [["a", "n"]], id="11 spelling"),
    ],
)
def test_golden_5_6_10_11(first: dict[str, str], second: dict[str, str], expected: list[list[str]]) -> None:
    in_any_order(("netbox", server("n", identifiers=None, **first)), ("ansible", server("a", **second)))
    assert records_of_each() == expected


def test_golden_6_a_contested_value_identifies_neither() -> None:
    in_any_order(("netbox", server("n", serial="1", fqdn="x.org")), ("ansible", server("a", serial="2", fqdn="x.org")))
    assert set(Identifier.objects.filter(scheme="fqdn").values_list("contested", flat=True)) == {True}


def test_golden_7_a_record_with_both_joins_the_two() -> None:
    in_any_order(
        ("netbox", server("n", serial="1")),
        ("csv", server("c", fqdn="x.org")),
        ("ansible", server("a", serial="1", fqdn="x.org")),
    )
    assert records_of_each() == [["a", "c", "n"]]


def test_golden_8_two_of_one_domain_name_part_when_their_serials_come() -> None:
    bring("netbox", server("n", fqdn="x.org"))
    bring("ansible", server("a", fqdn="x.org"))
    first = item("n")
    assert item("a") == first
    bring("ansible", server("a", fqdn="x.org", serial="2"))
    bring("netbox", server("n", fqdn="x.org", serial="1"))
    assert records_of_each() == [["a"], ["n"]]
    assert item("n") == first


def test_golden_9_two_keys_of_one_source_are_two() -> None:
    bring("netbox", server("1", fqdn="x.org"), server("2", fqdn="x.org"))
    assert records_of_each() == [["1"], ["2"]]


def test_golden_12_and_13_what_people_say_holds_through_every_import() -> None:
    documents = ("netbox", server("n", serial="1")), ("ansible", server("a", serial="1")), ("csv", server("c"))
    for source, document in documents:
        bring(source, document)
    records = {one.key: one for one in SourceRecord.objects.all()}
    different = say(records["n"], records["a"], False, actor=BRINGER, why="swapped boards")
    say(records["a"], records["c"], True, actor=BRINGER)
    assert records_of_each() == [["a", "c"], ["n"]]
    for source, document in documents:
        bring(source, document)
    assert records_of_each() == [["a", "c"], ["n"]]
    withdraw(different, actor=BRINGER)
    assert records_of_each() == [["a", "c", "n"]]
    assert Verdict.objects.count() == 1


def test_golden_14_what_people_write_holds_until_they_empty_it(owner_actor: Actor) -> None:
    bring("ansible", server("a", serial="1", os="Debian 13"))
    found = item("a")
    edit_item(found, actor=owner_actor, version=found.version, attributes={"os": "Debian 12"})
    bring("ansible", server("a", serial="1", os="Debian 14"))
    found = item("a")
    assert found.attributes["os"] == "Debian 12"
    assert why(found)["attributes.os"].pinned
    assert [one.values for one in Conflict.objects.all()] == [{"holds": "Debian 12", "says": "Debian 14"}]
    edit_item(found, actor=owner_actor, version=found.version, attributes={"os": None})
    found = item("a")
    assert found.attributes["os"] == "Debian 14"
    assert not Conflict.objects.exclude(state="settled").exists()


@pytest.mark.parametrize(
    ("stronger", "weaker", "expected"),
    [("server", "virtual_machine", "virtual_machine"), ("virtual_machine", "server", "virtual_machine")],
)
def test_golden_15_a_class_is_made_more_precise(stronger: str, weaker: str, expected: str) -> None:
    in_any_order(
        ("netbox", server("n", serial="1", ci_class=stronger)), ("ansible", server("a", serial="1", ci_class=weaker))
    )
    assert item("n").ci_class.slug == expected


def test_golden_16_what_is_gone_comes_back_as_the_same_item() -> None:
    bring("netbox", server("1", serial="1", os="Debian 12"), server("2", serial="2"))
    first = item("1")
    bring("netbox", server("2", serial="2"), complete=True)
    gone = SourceRecord.objects.get(key="1")
    assert gone.gone_at is not None
    first.refresh_from_db()
    assert first.attributes == {"os": "Debian 12"}
    again = bring("netbox", server("1", serial="1", os="Debian 12"), server("2", serial="2"), complete=True)
    assert item("1") == first
    assert SourceRecord.objects.get(key="1").gone_at is None
    assert counts(again) == {"created": 0, "updated": 1, "unchanged": 1, "refused": 0}


def test_a_complete_run_with_a_refusal_says_of_nothing_that_it_is_gone() -> None:
    bring("netbox", server("1", serial="1"), server("2", serial="2"))
    run = bring("netbox", server("1", serial="1"), server("2", serial="2", status="nonsense"), complete=True)
    assert run.problem
    assert not SourceRecord.objects.exclude(gone_at=None).exists()


def test_golden_17_an_older_observation_that_comes_late_changes_nothing() -> None:
    bring("ansible", server("a", serial="1", os="new", observed_at=THEN))
    run = bring("ansible", server("a", serial="1", os="old", observed_at=THEN - timedelta(days=1)))
    assert item("a").attributes["os"] == "new"
    assert counts(run)["unchanged"] == 1


def test_golden_19_what_matches_a_retired_item_leaves_it_retired() -> None:
    bring("netbox", server("n", serial="1"))
    found = item("n")
    CI.objects.filter(pk=found.pk).update(status="retired")
    bring("ansible", server("a", serial="1", status="active", os="Debian 12"))
    found.refresh_from_db()
    assert item("a") == found
    assert found.status == "retired"


def test_golden_21_a_dry_run_writes_only_itself_and_says_what_the_real_one_says() -> None:
    bring("netbox", server("1", serial="1", os="Debian 12"))
    documents = [server("1", serial="1", os="Debian 13"), server("2", serial="2"), server("3", status="nonsense")]
    before = picture(), History.objects.count(), SourceRecord.objects.count(), CI.objects.count()
    dry = bring("netbox", *documents, dry=True)
    assert (picture(), History.objects.count(), SourceRecord.objects.count(), CI.objects.count()) == before
    real = bring("netbox", *documents)
    assert report(dry, BRINGER) == report(real, BRINGER)
    assert [(one.outcome, one.reason) for one in dry.documents.all()] == [
        (one.outcome, one.reason) for one in real.documents.all()
    ]
    assert counts(real) == {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}


def test_an_atomic_run_with_a_refusal_takes_nothing_in() -> None:
    run = bring("netbox", server("1", serial="1"), server("2", status="nonsense"), atomic=True)
    assert run.state == "failed"
    assert not SourceRecord.objects.exists()
    assert bring("netbox", server("1", serial="1"), atomic=True).state == "done"


def test_what_a_document_gets_wrong_is_refused_with_the_reason() -> None:
    run = bring(
        "csv", server("1", cpus="many"), server("2", ci_class="spaceship"), server("3", ci_class="place"), server("4"), server("4"),
        server("5", environment="mars"), server("6", status="retired"),
    )  # fmt: skip
    assert counts(run) == {"created": 1, "updated": 0, "unchanged": 0, "refused": 6}
    reasons = [one["reason"] for one in report(run, BRINGER)["refused"]]
    assert [part in reason for part, reason in zip(
        ("cpus", "spaceship", "place", "same key", "mars", "retired"), reasons, strict=True)] == [True] * 6  # fmt: skip


def test_what_people_made_before_is_taken_over_and_stays_theirs(owner_actor: Actor) -> None:
    made = open_item(
        actor=owner_actor,
        ci_class=CIClass.objects.get(slug="virtual_machine"),
        name="Web one",
        attributes={"os": "Debian 12"},
    )
    Identifier.objects.create(ci=made, scheme="fqdn", value="x.org")
    bring("ansible", server("a", "web-01", fqdn="X.org", os="Debian 13", cpus=4))
    found = item("a")
    assert found == made
    assert (found.name, found.attributes) == ("Web one", {"os": "Debian 12", "cpus": 4})


def test_people_merge_two_items_and_part_them_again(owner_actor: Actor) -> None:
    bring("netbox", server("n", "web-01", serial="1"))
    bring("csv", server("c", "web-one", cpus=4))
    first, second = item("n"), item("c")
    assert merge(second, first, actor=owner_actor, why="seen in the rack") == first
    second.refresh_from_db()
    assert second.merged_into == first
    first.refresh_from_db()
    assert first.attributes == {"cpus": 4}
    restored = split(first, list(SourceRecord.objects.filter(key="c")), actor=owner_actor, why="was wrong")
    assert restored == second
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.merged_into, second.attributes, first.attributes) == (None, {"cpus": 4}, {})


def test_what_people_wrote_of_an_item_stays_with_it_when_it_is_split(owner_actor: Actor) -> None:
    bring("netbox", server("n", "web-01", serial="1"))
    bring("csv", server("c", "web-one", fqdn="x.org", cpus=4))
    first, second = item("n"), item("c")
    for one, os in ((first, "Debian 12"), (second, "Debian 13")):
        edit_item(one, actor=owner_actor, version=one.version, attributes={"os": os})
    merge(second, first, actor=owner_actor)
    assert item("n").attributes == {"os": "Debian 13", "cpus": 4}
    assert split(item("n"), list(SourceRecord.objects.filter(key="c")), actor=owner_actor) == second
    assert (item("n").attributes, item("c").attributes) == ({"os": "Debian 12"}, {"os": "Debian 13", "cpus": 4})
    again = split_off_a_third(owner_actor)
    assert again.attributes == {"role": "web"}
    assert item("n").attributes == {"os": "Debian 12"}


def split_off_a_third(actor: Actor) -> CI:
    bring("ansible", server("a", "web-01", serial="1", role="web"))
    return split(item("n"), list(SourceRecord.objects.filter(key="a")), actor=actor)


def test_a_run_that_stands_in_the_middle_goes_on_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.reconciliation.operations.applying.BATCH", 2)
    run = begun("netbox", *(server(str(at), serial=str(at)) for at in range(1, 6)))
    from catalog.reconciliation.operations import apply, applying

    assert applying._next_batch(run, BRINGER, None)
    assert (run.cursor, SourceRecord.objects.count()) == (2, 2)
    again = apply(Run.objects.get(pk=run.pk), actor=BRINGER)
    assert (again.state, counts(again)["created"], CI.objects.filter(records__isnull=False).count()) == ("done", 5, 5)
    assert not RunDocument.objects.filter(document__isnull=False).exists()


def test_sources_of_equal_rank_that_say_not_when_they_looked_come_to_the_same_in_either_order() -> None:
    """Two tables of their own names have the rank of their format: which file was brought last proves nothing."""
    alpha = "csv-alpha", server("row 1", "web-01", serial="S1", os="Debian 12")
    beta = "csv-beta", server("row 7", "web-01.example", serial="S1", os="Debian 13")
    in_any_order(alpha, beta)
    first, second = why(item("row 1"))["attributes.os"].why
    assert (first.claim.record.source, first.claim.value) == ("csv-alpha", "Debian 12")
    assert second.lost == Lost.NAME
    bring("csv-beta", server("row 7", "web-01.example", serial="S1", os="Debian 11", observed_at=timezone.now()))
    first, second = why(item("row 1"))["attributes.os"].why
    assert (first.claim.value, second.lost) == ("Debian 11", Lost.UNDATED)
