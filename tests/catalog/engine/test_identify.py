"""Which records are one thing: the golden cases in any order, and a batch of all at once against one after the other."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from random import Random

import pytest

from catalog.engine.homes import Item, Question, homes_of
from catalog.engine.identifiers import OTHERWISE, SCHEMES, Classes, normalised
from catalog.engine.identify import Reason, Record, RecordKey, Verdict, identify, neighbourhood
from tests.slo.proving import IN_FULL, examples

LINEAGES = {
    "server": ("server",),
    "virtual_machine": ("server", "virtual_machine"),
    "database": ("datastore", "database"),
    "application": ("application",),
    "service": ("service",),
    "workload": ("workload",),
}
CLASSES = Classes(LINEAGES)


def at(text: str) -> RecordKey:
    """`netbox:1`."""
    return RecordKey(*text.split(":"))


def record(
    named: str, class_slug: str = "server", /, item: int | None = None, number: int = 0, **identifiers: str
) -> Record:
    """`serial=` comes with a vendor, for it identifies nothing alone."""
    if "serial" in identifiers:
        identifiers.setdefault("vendor", "Dell Inc.")
    return Record(at(named), CLASSES.values(class_slug, identifiers), item, number)


def things(
    records: Sequence[Record], verdicts: Iterable[Verdict] = (), classes: Classes = CLASSES
) -> tuple[list[list[str]], list[tuple[str, Reason]]]:
    """(the records of each thing, what is contested and why), found the same in many orders."""
    dice, answers = Random(7), []
    for _ in range(50 if IN_FULL else 8):
        found = identify(dice.sample(list(records), len(records)), verdicts, classes)
        components = [[":".join(one) for one in component] for component in found.components]
        answers.append((components, [(one.scheme, one.reason) for one in found.contested]))
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


SAME = [Verdict(at("a:1"), at("b:1"), same=True)]
DIFFERENT = [Verdict(at("a:1"), at("b:1"), same=False)]


def test_golden_5_one_serial_and_two_names_are_one_thing() -> None:
    assert things([record("a:1", serial="4711", name="x"), record("b:1", serial="4711 ", name="y")]) == (
        [["a:1", "b:1"]], [],
    )  # fmt: skip


def test_golden_6_one_domain_name_and_two_serials_are_two_and_contested() -> None:
    found = [record("a:1", serial="1", fqdn="x.org"), record("b:1", serial="2", fqdn="x.org")]
    assert things(found) == ([["a:1"], ["b:1"]], [("fqdn", Reason.STRONGER)])
    assert identify(found, (), CLASSES).contested == [
        ("fqdn", ("x.org",), (at("a:1"), at("b:1")), Reason.STRONGER, "serial+vendor")
    ]


def test_golden_7_a_record_with_both_identifiers_joins_those_with_one_each() -> None:
    found = [record("a:1", serial="1"), record("b:1", fqdn="x.org"), record("c:1", serial="1", fqdn="x.org")]
    assert things(found) == ([["a:1", "b:1", "c:1"]], [])
    assert things(found[:2]) == ([["a:1"], ["b:1"]], [])


def test_golden_8_two_of_one_domain_name_part_when_their_serials_come() -> None:
    assert things([record("a:1", fqdn="x.org"), record("b:1", fqdn="x.org")])[0] == [["a:1", "b:1"]]
    later = [record("a:1", fqdn="x.org", serial="1"), record("b:1", fqdn="x.org", serial="2")]
    assert things(later)[0] == [["a:1"], ["b:1"]]


def test_golden_9_two_keys_of_one_source_are_two_whatever_they_share() -> None:
    found = [record("a:1", fqdn="x.org"), record("a:2", fqdn="x.org")]
    assert things(found) == ([["a:1"], ["a:2"]], [("fqdn", Reason.TWO_KEYS)])
    assert things([*found, record("b:1", fqdn="x.org")])[0] == [["a:1"], ["a:2"], ["b:1"]]


@pytest.mark.parametrize(
    "placeholder", ["NA", "None", "0", "To Be Filled By O.E.M.", " n/a ", "-", "0000-0000", "xxxxxx", ""]
)
def test_golden_10_what_nobody_filled_in_identifies_nothing(placeholder: str) -> None:
    assert things([record("a:1", serial=placeholder), record("b:1", serial=placeholder)]) == ([["a:1"], ["b:1"]], [])


def test_golden_11_case_spaces_and_a_dot_at_the_end_do_not_matter() -> None:
    assert things([record("a:1", fqdn=" WEB-01.X.org. "), record("b:1", fqdn="web-01.x.org")])[0] == [["a:1", "b:1"]]


def test_golden_12_what_a_person_called_different_is_two_for_ever() -> None:
    found = [record("a:1", serial="1"), record("b:1", serial="1")]
    assert things(found, DIFFERENT) == ([["a:1"], ["b:1"]], [("serial+vendor", Reason.DIFFERENT)])
    through_a_third = [*found, record("c:1", serial="1")]
    assert things(through_a_third, DIFFERENT)[0] == [["a:1"], ["b:1"], ["c:1"]]


def test_golden_13_what_a_person_called_the_same_is_one_with_nothing_shared() -> None:
    assert things([record("a:1", serial="1"), record("b:1", serial="2")], SAME)[0] == [["a:1", "b:1"]]
    assert things([record("a:1"), record("b:1"), record("c:1", serial="3")], SAME)[0] == [["a:1", "b:1"], ["c:1"]]


def test_people_who_contradict_each_other_join_nothing() -> None:
    verdicts = [*SAME, Verdict(at("b:1"), at("c:1"), same=True), Verdict(at("c:1"), at("a:1"), same=False)]
    assert things([record("a:1"), record("b:1"), record("c:1")], verdicts) == (
        [["a:1"], ["b:1"], ["c:1"]], [("", Reason.DIFFERENT)],
    )  # fmt: skip


def test_a_verdict_on_a_record_that_is_gone_says_nothing() -> None:
    assert things([record("a:1", serial="1"), record("c:1", serial="1")], [*SAME, *DIFFERENT])[0] == [["a:1", "c:1"]]


def test_a_weaker_scheme_joins_what_does_not_disagree_by_a_stronger_one() -> None:
    by_name = [
        record("a:1", name="x", environment="prod"),
        record("b:1", name="X", environment="prod", uuid="1" * 31 + "2"),
    ]
    assert things(by_name)[0] == [["a:1", "b:1"]]
    with_uuid = record("a:1", name="x", environment="prod", uuid="1" * 31 + "3")
    assert things([with_uuid, by_name[1]]) == ([["a:1"], ["b:1"]], [("name+environment", Reason.STRONGER)])


def test_records_of_several_values_disagree_only_with_those_that_share_none() -> None:
    """a and b are one by a verdict and have serials 1 and 2: a third with serial 2 belongs to them, one with 3 does not."""
    pair = [record("a:1", serial="1", fqdn="x.org"), record("b:1", serial="2")]
    assert things([*pair, record("c:1", serial="2", fqdn="x.org")], SAME)[0] == [["a:1", "b:1", "c:1"]]
    assert things([*pair, record("c:1", serial="3", fqdn="x.org")], SAME)[0] == [["a:1", "b:1"], ["c:1"]]


def test_a_database_may_be_called_as_an_application_and_a_server_are() -> None:
    called = {"name": "shop", "system": "shop", "environment": "prod"}
    found = [
        record("a:1", "database", **called),
        record("b:1", "application", **called),
        record("c:1", "server", **called),
    ]
    assert things(found) == ([["a:1"], ["b:1"], ["c:1"]], [])
    assert things([found[0], record("b:1", "database", **called)])[0] == [["a:1", "b:1"]]


def test_a_machine_of_two_kinds_is_one_by_what_its_class_inherits() -> None:
    assert things([record("a:1", "server", serial="1"), record("b:1", "virtual_machine", serial="1")])[0] == [
        ["a:1", "b:1"]
    ]


def test_a_subclass_replaces_the_schemes_whole() -> None:
    classes = Classes(LINEAGES, {**SCHEMES, "virtual_machine": ("uuid",)})
    assert classes.values("virtual_machine", {"serial": "1", "vendor": "x", "uuid": "u-9"}) == {"uuid": "u-9"}
    assert classes.schemes_of("database") == ("datastore", OTHERWISE)
    assert classes.schemes_of("unheard-of") == ("unheard-of", OTHERWISE)


def test_all_parts_of_a_scheme_count_together() -> None:
    assert CLASSES.values("workload", {"cluster": "c", "kind": "Deployment", "namespace": "shop"}) == {}
    whole = CLASSES.values("workload", {"cluster": "c", "kind": "Deployment", "namespace": "shop", "name": "web"})
    assert whole == {"cluster+kind+namespace+name": "workload | c | deployment | shop | web"}
    assert CLASSES.values("server", {"serial": "4711"}) == {}
    split = (
        CLASSES.values("database", {"name": "a | b", "system": "c"}),
        CLASSES.values("database", {"name": "a", "system": "b | c"}),
    )
    assert split[0] != split[1]


def test_the_order_of_schemes_is_that_of_each_class() -> None:
    order = Classes({}, {**SCHEMES, "printer": ("asset_tag", "mac"), "router": ("mac", "fqdn")}).order
    for schemes in (*SCHEMES.values(), ("asset_tag", "mac"), ("mac", "fqdn")):
        assert sorted(schemes, key=order.index) == list(schemes)
    assert sorted(Classes({}, {"a": ("x", "y"), "b": ("y", "x")}).order) == ["name+system", "x", "y"]


@pytest.mark.parametrize(
    ("name", "written", "compared"),
    [
        ("uuid", "{4C4C4544-0042-3510-8052-B4C04F4E4D31}", "4c4c4544-0042-3510-8052-b4c04f4e4d31"),
        ("uuid", "urn:uuid:4c4c45440042351 08052b4c04f4e4d31".replace(" ", ""), "4c4c4544-0042-3510-8052-b4c04f4e4d31"),
        ("uuid", "00000000-0000-0000-0000-000000000000", None),
        ("uuid", "03000200-0400-0500-0006-000700080009", None),
        ("vendor", "Dell Inc.", "dell"),
        ("vendor", "Hewlett Packard,  Co", "hewlett packard"),
        ("fqdn", "localhost.localdomain", None),
        ("fqdn", "web-01", None),
        ("serial", "Ａ４７１１", "a4711"),
        ("serial", "  VMware-56  4d ", "vmware-56 4d"),
        ("name", "test", "test"),
        ("name", "0", "0"),
        ("namespace", "default", "default"),
        ("name", "  ", None),
    ],
)
def test_values_are_compared_in_one_form(name: str, written: str, compared: str | None) -> None:
    assert normalised(name, written) == compared


def test_two_records_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="key of its own"):
        identify([record("a:1"), record("a:1", serial="1")], (), CLASSES)


# One after the other -----------------------------------------------------------------------------------------------


class Desk:
    """What is known so far, and its partition, renewed only where something changed."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.verdicts = verdicts
        self.records: dict[RecordKey, Record] = {}
        self.components: set[tuple[RecordKey, ...]] = set()
        self.contested: set[object] = set()

    def sharing(self, values: Collection[tuple[str, str]]) -> list[Record]:
        return [one for one in self.records.values() if values & one.values.items()]

    def about(self, keys: Collection[RecordKey]) -> list[Record]:
        named = {
            one
            for verdict in self.verdicts
            if {verdict.one, verdict.other} & keys
            for one in (verdict.one, verdict.other)
        }
        return [self.records[one] for one in named | set(keys) if one in self.records]

    def put(self, record: Record) -> int:
        """How many records were looked at."""
        before = self.records.get(record.at)
        self.records[record.at] = record
        touched = neighbourhood([one for one in (before, record) if one], self.sharing, self.about)
        self.components = {one for one in self.components if not set(one) & touched.keys()}
        self.contested = {one for one in self.contested if not set(one.records) & touched.keys()}  # type: ignore[attr-defined]
        found = identify(list(touched.values()), self.verdicts, CLASSES)
        self.components |= set(found.components)
        self.contested |= set(found.contested)
        return len(touched)


def random_record(dice: Random, name: RecordKey) -> Record:
    known = {
        "serial": dice.choice("123456"), "vendor": "x", "uuid": "u" + dice.choice("123456"), "asset_tag": "t" + dice.choice("12345"),
        "fqdn": dice.choice("abcdef") + ".x.org", "name": dice.choice("abcdef"), "environment": "prod",
    }  # fmt: skip
    kept = {key: value for key, value in known.items() if dice.random() < 0.35}
    return Record(name, CLASSES.values(dice.choice(["server", "virtual_machine"]), kept))


@pytest.mark.heavy
def test_one_after_the_other_in_any_order_gives_what_all_at_once_gives() -> None:
    dice = Random(11)
    joined = contested = looked_at = known = 0
    for _ in range(examples(3000)):
        names = [RecordKey(source, str(key)) for source in "abc" for key in range(dice.randint(1, 5))]
        verdicts = [Verdict(*dice.sample(names, 2), dice.random() < 0.5) for _ in range(dice.randint(0, 3))]
        final = {name: random_record(dice, name) for name in names}
        desk = Desk(verdicts)
        # Half of them come twice: first as something else.
        for name in dice.sample(names, len(names) // 2):
            desk.put(random_record(dice, name))
        for name in dice.sample(names, len(names)):
            looked_at, known = looked_at + desk.put(final[name]), known + len(desk.records)
        whole = identify(list(final.values()), verdicts, CLASSES)
        assert desk.components == set(whole.components)
        assert desk.contested == set(whole.contested)
        joined += sum(len(one) > 1 for one in whole.components)
        contested += len(whole.contested)
    assert joined > 300
    assert contested > 300
    assert looked_at < known


def test_a_name_that_ten_thousand_machines_share_is_contested_and_costs_no_square_of_them() -> None:
    many = [record(f"a:{number}", fqdn="template.x.org", serial=str(1000 + number)) for number in range(10_000)]
    found = identify(many, (), CLASSES)
    assert len(found.components) == 10_000
    assert [(one.scheme, len(one.records)) for one in found.contested] == [("fqdn", 10_000)]


# Items ----------------------------------------------------------------------------------------------------------------


def homes_given(
    records: Sequence[Record], components: Sequence[str], items: Sequence[Item] = ()
) -> tuple[list[tuple[str, int | None]], dict[int, int], list[tuple[Question, tuple[int, ...]]]]:
    parts = [tuple(at(one) for one in component.split()) for component in components]
    found = homes_of(parts, records, {item.id: item for item in items})
    homes = [(" ".join(":".join(one) for one in home.records), home.item) for home in found.homes]
    assert sorted(one for home in found.homes for one in home.records) == sorted(one.at for one in records)
    return homes, dict(found.merged), [(one.question, one.items) for one in found.asked]


def test_a_component_takes_its_oldest_item_and_the_others_become_part_of_it() -> None:
    found = [record("a:1", item=9), record("b:1", item=4), record("c:1")]
    assert homes_given(found, ["a:1 b:1 c:1"]) == ([("a:1 b:1 c:1", 4)], {9: 4}, [])


def test_what_has_no_item_gets_a_new_one() -> None:
    assert homes_given([record("a:1"), record("b:1")], ["a:1", "b:1"]) == ([("a:1", None), ("b:1", None)], {}, [])


def test_golden_8_what_falls_apart_keeps_its_item_with_its_oldest_record() -> None:
    found = [record("a:1", item=4, number=2), record("b:1", item=4, number=1)]
    assert homes_given(found, ["a:1", "b:1"]) == ([("a:1", None), ("b:1", 4)], {}, [])


def test_what_people_merged_or_work_on_does_not_fall_apart_and_people_are_asked() -> None:
    found = [record("a:1", item=4, number=2), record("b:1", item=4, number=1), record("c:1", number=3)]
    held = homes_given(found, ["a:1 c:1", "b:1"], [Item(4, held=True)])
    assert held == ([("a:1 b:1", 4), ("c:1", None)], {}, [(Question.SPLIT, (4,))])


def test_a_record_that_moved_over_to_another_item_takes_it_along_only_where_it_was_the_oldest() -> None:
    """b:1 spoke of 4 and now speaks of what 7 is: 4 stays where its oldest record is, nothing is merged."""
    found = [record("a:1", item=4, number=1), record("b:1", item=4, number=2), record("c:1", item=7, number=3)]
    assert homes_given(found, ["a:1", "b:1 c:1"]) == ([("a:1", 4), ("b:1 c:1", 7)], {}, [])


def test_services_are_never_merged_by_a_rule_and_people_are_asked() -> None:
    found = [record("a:1", item=4), record("b:1", item=7), record("c:1")]
    services = [Item(4, alone=True), Item(7, alone=True)]
    assert homes_given(found, ["a:1 b:1 c:1"], services) == (
        [("a:1 c:1", 4), ("b:1", 7)],
        {},
        [(Question.MERGE, (4, 7))],
    )
    assert homes_given(found, ["a:1 b:1 c:1"], services[1:]) == ([("a:1 b:1 c:1", 7)], {4: 7}, [])


def test_a_held_item_that_is_merged_takes_its_records_along() -> None:
    found = [record("a:1", item=4, number=1), record("b:1", item=7, number=2), record("c:1", item=7, number=3)]
    assert homes_given(found, ["a:1 b:1", "c:1"], [Item(7, held=True)]) == (
        [("a:1 b:1 c:1", 4)], {7: 4}, [(Question.SPLIT, (7,))],
    )  # fmt: skip


def test_the_same_homes_found_twice_moves_nothing() -> None:
    dice = Random(13)
    for _ in range(200):
        names = [RecordKey(source, str(key)) for source in "ab" for key in range(4)]
        records = [Record(name, {}, dice.choice([None, 1, 2, 3]), number) for number, name in enumerate(names)]
        cut: dict[int, list[RecordKey]] = defaultdict(list)
        for name in names:
            cut[dice.randint(0, 3)].append(name)
        components = [tuple(sorted(one)) for one in cut.values()]
        first = homes_of(components, records, {})
        new = iter(range(100, 200))
        item_of = {one: item for home in first.homes for item in [home.item or next(new)] for one in home.records}
        again = homes_of(components, [one._replace(item=item_of[one.at]) for one in records], {})
        assert {tuple(home.records) for home in again.homes} == set(components)
        assert all(home.item == item_of[home.records[0]] for home in again.homes)
        assert not again.merged
        assert not again.asked
