"""What holds of an item: the golden cases in any order, and why each value holds."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from catalog.engine.identify import RecordKey
from catalog.engine.precedence import Precedence, Rule, Source
from catalog.engine.reconcile import (
    Claim,
    Conflict,
    Lost,
    OtherBranch,
    Reconciled,
    Speaker,
    content_hash,
    differences,
    reconcile,
)
from tests.slo.proving import IN_FULL

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LINEAGES = {
    "server": ("server",),
    "physical_server": ("server", "physical_server"),
    "virtual_machine": ("server", "virtual_machine"),
    "database": ("datastore", "database"),
}
SOURCES = [Source("people", 0), Source("netbox", 10), Source("ansible", 20), Source("csv", 30)]


def at(text: str) -> RecordKey:
    """`netbox` is its record 1, `netbox:2` another."""
    source, _, key = text.partition(":")
    return RecordKey(source, key or "1")


def said(record: str, days_ago: int = 0, **values: object) -> list[Claim]:
    return [Claim(at(record), key, value, NOW - timedelta(days=days_ago)) for key, value in values.items()]


def found(
    *claims: list[Claim],
    classes: dict[str, str] | None = None,
    gone: tuple[str, ...] = (),
    unseen: dict[str, int] | None = None,
    rules: tuple[Rule, ...] = (),
    sources: list[Source] = SOURCES,
) -> Reconciled:
    """The same of the claims in every order. `classes`: record -> what it takes the item for; `unseen`: since how many days."""
    flat = [one for each in claims for one in each]
    names = {one.record for one in flat} | {at(one) for one in classes or {}}
    said_classes = {at(name): one for name, one in (classes or {}).items()}
    days = {at(name): one for name, one in (unseen or {}).items()}
    speakers = [
        Speaker(one, said_classes.get(one), NOW, NOW - timedelta(days=days.get(one, 0)), one in map(at, gone))
        for one in names
    ]
    dice, answers = Random(3), []
    for _ in range(50 if IN_FULL else 10):
        shuffled = dice.sample(sources, len(sources)), dice.sample(rules, len(rules))
        answers.append(
            reconcile(
                dice.sample(speakers, len(speakers)), dice.sample(flat, len(flat)), Precedence(*shuffled), LINEAGES, NOW,
            )
        )  # fmt: skip
    assert all(one == answers[0] for one in answers)
    return answers[0]


def values(result: Reconciled) -> dict[str, object]:
    return {key: held.value for key, held in result.values.items()}


def test_golden_1_the_same_content_is_the_same_in_whatever_order_its_keys_stand() -> None:
    first = {"os": "Debian 12", "tags": ["a", "b"], "cpu": {"cores": 4, "sockets": 1}}
    again = {"cpu": {"sockets": 1, "cores": 4}, "tags": ["a", "b"], "os": "Debian 12"}
    assert content_hash(first) == content_hash(again)
    assert differences(first, again) == {}
    assert content_hash(first) != content_hash({**first, "tags": ["b", "a"]})


def test_differences_tell_what_came_what_went_and_what_is_of_another_kind() -> None:
    assert differences({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": "3", "d": True}) == {
        "a": (1, None), "c": (3, "3"), "d": (None, True),
    }  # fmt: skip
    assert differences({"a": 1}, {"a": True}) == {"a": (1, True)}


def test_golden_2_the_stronger_source_holds_and_the_weaker_is_one_conflict() -> None:
    result = found(said("netbox", os="Debian 12"), said("csv", os="Debian 11"))
    assert values(result) == {"os": "Debian 12"}
    assert result.conflicts == [Conflict("os", at("csv"), "Debian 11", "Debian 12")]


def test_golden_3_what_only_the_weaker_one_says_holds() -> None:
    result = found(said("netbox", os="Debian 12"), said("csv", os="Debian 12", cpus=4))
    assert values(result) == {"os": "Debian 12", "cpus": 4}
    assert result.conflicts == []


def test_golden_4_what_the_stronger_one_says_no_more_is_the_weaker_ones_again() -> None:
    assert values(found(said("netbox", cpus=4), said("csv", os="Debian 11"))) == {"cpus": 4, "os": "Debian 11"}


def test_golden_14_what_people_pinned_holds_and_what_differs_is_a_conflict() -> None:
    result = found(said("people", 90, os="Debian 12"), said("ansible", os="Debian 13"))
    assert values(result) == {"os": "Debian 12"}
    assert result.values["os"].pinned
    assert result.conflicts == [Conflict("os", at("ansible"), "Debian 13", "Debian 12")]
    unpinned = found(said("ansible", os="Debian 13"))
    assert values(unpinned) == {"os": "Debian 13"}
    assert not unpinned.values["os"].pinned


@pytest.mark.parametrize(
    ("classes", "expected", "branches"),
    [
        ({"netbox": "server", "ansible": "virtual_machine"}, "virtual_machine", []),
        ({"netbox": "virtual_machine", "ansible": "server"}, "virtual_machine", []),
        ({"netbox": "server", "csv": "database"}, "server", [OtherBranch(at("csv"), "database")]),
        ({"netbox": "database", "csv": "server"}, "database", [OtherBranch(at("csv"), "server")]),
        (
            {"netbox": "server", "ansible": "virtual_machine", "csv": "physical_server"},
            "virtual_machine",
            [OtherBranch(at("csv"), "physical_server")],
        ),
        (
            {"people": "physical_server", "ansible": "virtual_machine"},
            "physical_server",
            [OtherBranch(at("ansible"), "virtual_machine")],
        ),
        ({}, None, []),
    ],
)
def test_golden_15_the_strongest_class_is_made_more_precise_and_another_branch_is_a_finding(
    classes: dict[str, str], expected: str | None, branches: list[OtherBranch]
) -> None:
    result = found(classes=classes)
    assert (result.class_slug, result.branches) == (expected, branches)


def test_golden_16_what_is_gone_yields_and_holds_only_where_nobody_else_speaks() -> None:
    claims = said("netbox", os="Debian 12", cpus=4), said("csv", os="Debian 11")
    result = found(*claims, gone=("netbox",))
    assert values(result) == {"os": "Debian 11", "cpus": 4}
    assert result.conflicts == []
    assert [one.lost for one in result.values["os"].why] == [None, Lost.GONE]
    assert values(found(*claims)) == {"os": "Debian 12", "cpus": 4}
    assert found(*claims, gone=("netbox", "csv")).conflicts == []


def test_a_class_that_only_a_record_that_is_gone_claims_is_no_finding() -> None:
    result = found(classes={"netbox": "database", "csv": "server"}, gone=("netbox",))
    assert (result.class_slug, result.branches) == ("server", [])


def test_golden_17_an_older_observation_that_comes_late_changes_nothing() -> None:
    assert values(found(said("netbox", 1, os="new"), said("netbox", 9, os="old"))) == {"os": "new"}
    of_two_records = found(said("netbox:1", 9, os="old"), said("netbox:2", 1, os="new"))
    assert values(of_two_records) == {"os": "new"}
    assert of_two_records.values["os"].why[1].lost is Lost.OLDER


def test_golden_19_records_at_the_same_instant_are_told_apart_by_their_names() -> None:
    result = found(said("netbox:2", os="b"), said("netbox:1", os="a"))
    assert values(result) == {"os": "a"}
    assert result.values["os"].why[1].lost is Lost.NAME


def test_golden_21_reconciling_changes_nothing_that_it_was_given() -> None:
    claims = said("netbox", tags=["b", "a"])
    found(claims)
    assert claims == said("netbox", tags=["b", "a"])


def test_a_silent_source_yields_only_where_that_is_asked_for() -> None:
    claims = said("netbox", 40, os="Debian 11"), said("ansible", os="Debian 13")
    assert values(found(*claims, unseen={"netbox": 40})) == {"os": "Debian 11"}
    silent = [Source("netbox", 10, timedelta(days=30)), Source("ansible", 20)]
    result = found(*claims, unseen={"netbox": 40}, sources=silent)
    assert values(result) == {"os": "Debian 13"}
    assert [one.lost for one in result.values["os"].why] == [None, Lost.SILENT]
    assert result.conflicts == []
    assert values(found(*claims, unseen={"netbox": 30}, sources=silent)) == {"os": "Debian 11"}


@pytest.mark.parametrize(
    ("rules", "holds"),
    [
        ([], "netbox"),
        ([Rule("server", "os", "csv", 5)], "csv"),
        ([Rule("server", "*", "csv", 5)], "csv"),
        ([Rule("server", "cpus", "csv", 5)], "netbox"),
        ([Rule("server", "*", "csv", 5), Rule("server", "os", "csv", 40)], "netbox"),
        ([Rule("server", "os", "csv", 5), Rule("virtual_machine", "*", "csv", 40)], "netbox"),
        ([Rule("physical_server", "os", "csv", 5)], "netbox"),
        ([Rule("server", "os", "netbox", 99)], "ansible"),
    ],
)
def test_the_most_specific_rule_says_the_rank(rules: list[Rule], holds: str) -> None:
    claims = [said(source, os=source) for source in ("netbox", "ansible", "csv")]
    result = found(*claims, classes={"netbox": "virtual_machine"}, rules=tuple(rules))
    assert values(result) == {"os": holds}


def test_a_rule_on_the_class_says_whose_word_on_the_class_goes_first() -> None:
    classes = {"netbox": "physical_server", "ansible": "virtual_machine"}
    assert found(classes=classes).class_slug == "physical_server"
    assert found(classes=classes, rules=(Rule("server", "class", "ansible", 5),)).class_slug == "virtual_machine"


def test_each_value_says_why_it_holds() -> None:
    rule = Rule("server", "os", "csv", 5)
    claims = said("csv", 3, os="a"), said("netbox", 1, os="b"), said("ansible", 2, os="a")
    result = found(*claims, classes={"csv": "server"}, rules=(rule,))
    assert [
        (one.claim.record.source, one.rank.number, one.rank.rule, one.lost, one.agrees)
        for one in result.values["os"].why
    ] == [
        ("csv", 5, rule, None, True),
        ("netbox", 10, None, Lost.RANK, False),
        ("ansible", 20, None, Lost.RANK, True),
    ]


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        reconcile([], said("netbox", os="x"), Precedence(SOURCES), LINEAGES, NOW)
    with pytest.raises(KeyError):
        found(said("unheard-of", os="x"))
    with pytest.raises(ValueError, match="One rule"):
        Precedence(SOURCES, [Rule("server", "os", "csv", 1), Rule("server", "os", "csv", 2)])
