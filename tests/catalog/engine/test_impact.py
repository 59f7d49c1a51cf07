"""Impact upwards and downwards: the golden graphs, and random ones against a walk that works everything out anew."""

import re
from random import Random

import pytest

from catalog.engine.graph import Arrow, Graph, Group, State
from catalog.engine.hurting import at_least, hurting
from catalog.engine.impact import felt_above
from tests.catalog.engine.naive_impact import naive, random_graph
from tests.slo.proving import IN_FULL, examples

UP, DEGRADED, DOWN = State
NAMES = {"up": UP, "deg": DEGRADED, "down": DOWN}


def drawn(text: str) -> tuple[list[Arrow], list[Group]]:
    """`A<B` A rests hard on B, `A~B` softly, `A<{B,C}1` on one of two, `A<B<C` a chain; letters are their numbers.
    `{B,C}15w18` is whole from 18 up on, `{B,C}50%` needs half."""
    arrows, groups = [], []
    for part in text.split():
        pieces = re.split(r"([<~])", part)
        for consumer, sign, provider in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
            if found := re.fullmatch(r"{(.*)}(\d+)(%?)(?:w(\d+))?", provider):
                members, number, per_cent, whole = found.groups()
                numbers = (None, int(number)) if per_cent else (int(number), None)
                groups.append(Group(len(groups), ord(consumer), *numbers, int(whole) if whole else None))
                arrows += [
                    Arrow(ord(one), ord(consumer), sign == "<", groups[-1].id)
                    for one in (members.split(",") if "," in members else members)
                ]
            else:
                arrows.append(Arrow(ord(provider), ord(consumer), sign == "<"))
    return arrows, groups


def felt(graph: str, own: str, depth: int = 5) -> dict[str, str]:
    """What each feels: `down 2 via B,X`. `own`: `X` is down by itself, `B:deg` degraded."""
    given = {ord(one[0]): NAMES[one[2:] or "down"] for one in own.split()}
    found, _ = felt_above(Graph(*drawn(graph)), given, depth)
    shown = {UP: "up", DEGRADED: "deg", DOWN: "down"}
    return {
        chr(item): f"{shown[one.state]} {one.depth} via {','.join(map(chr, one.via))}" for item, one in found.items()
    }


TWENTY = "A<{" + ",".join(chr(ord("a") + at) for at in range(20)) + "}15w18"


@pytest.mark.parametrize(
    ("graph", "own", "expected"),
    [
        pytest.param("A<B", "B", {"A": "down 1 via B"}, id="1 hard"),
        pytest.param("A~B", "B", {"A": "deg 1 via B"}, id="2 soft"),
        pytest.param("A<B~C", "C", {"B": "deg 1 via C", "A": "deg 2 via B,C"}, id="3 hard above soft"),
        pytest.param("A~B~C", "C", {"B": "deg 1 via C"}, id="4 soft above soft"),
        pytest.param("A<{B,C}1", "B", {"A": "deg 1 via B"}, id="5 one of two"),
        pytest.param("A<{B,C}1", "B C", {"A": "down 1 via B"}, id="6 both of two"),
        pytest.param("A<{B,C}2", "B", {"A": "down 1 via B"}, id="7 two are needed"),
        pytest.param("A<{B,C,D}2", "B", {"A": "deg 1 via B"}, id="8 one of three"),
        pytest.param("A<{B,C,D}2", "B C", {"A": "down 1 via B"}, id="8 two of three"),
        pytest.param(
            "A<{B,C}1 B<X C<X",
            "X",
            {"B": "down 1 via X", "C": "down 1 via X", "A": "down 2 via B,X"},
            id="9 both on one",
        ),
        pytest.param(
            "A<{B,C}1 B<X C<Y<X",
            "X",
            {"B": "down 1 via X", "Y": "down 1 via X", "C": "down 2 via Y,X", "A": "down 3 via C,Y,X"},
            id="10 both on one, one later",
        ),
        pytest.param(
            "A<{B,C}2 B~X C<X",
            "X",
            {"B": "deg 1 via X", "C": "down 1 via X", "A": "down 2 via C,X"},
            id="a group that is down: by a member that is down itself",
        ),
        pytest.param("A<B<A", "A", {"B": "down 1 via A"}, id="11 a loop ends"),
        pytest.param("A<{B,C}1 B<A", "B", {"A": "deg 1 via B"}, id="12 a loop through a group"),
        pytest.param("A<B<A", "", {}, id="13 a loop sustains nothing"),
        pytest.param("A<{B,C}1 A<{D,E}1", "B D", {"A": "deg 1 via B"}, id="15 two groups"),
        pytest.param(TWENTY, "a b", {}, id="16 two of twenty"),
        pytest.param(TWENTY, "a b c", {"A": "deg 1 via a"}, id="16 three of twenty"),
        pytest.param(TWENTY, "a b c d e f", {"A": "down 1 via a"}, id="16 six of twenty"),
        pytest.param("A<B C~B", "B:deg", {"A": "deg 1 via B"}, id="17 degraded by itself"),
        pytest.param("A<{B}2", "", {}, id="18 more needed than there are"),
        pytest.param("A<{B}2", "B", {"A": "down 1 via B"}, id="18 and it fails"),
        pytest.param(
            "A<B A<C B<D C<D",
            "D",
            {"B": "down 1 via D", "C": "down 1 via D", "A": "down 2 via B,D"},
            id="19 a diamond",
        ),
        pytest.param("", "B", {}, id="20, 21 retired or merely connected: no arrow"),
        pytest.param("A<{B,C}1", "C B", {"A": "down 1 via B"}, id="22 with what is down now"),
        pytest.param("A<{B,C}1", "C", {"A": "deg 1 via C"}, id="22 without"),
        pytest.param("A<{B,C,D}34%", "B", {"A": "deg 1 via B"}, id="a share is rounded up: two of three"),
        pytest.param("A<{B,C,D}34%", "B C", {"A": "down 1 via B"}, id="a share breaks"),
        pytest.param("A~{B,C}1", "B C", {"A": "deg 1 via B"}, id="a soft group is a degree less"),
        pytest.param("A~{B,C}1", "B", {}, id="a soft group that works is felt by nobody"),
        pytest.param("A<{B,C}1w9", "", {}, id="whole below more than there are means all"),
        pytest.param(
            "A<B A<{C,D}1 B<Y<X C<X D<X",
            "X",
            {
                "C": "down 1 via X",
                "D": "down 1 via X",
                "Y": "down 1 via X",
                "A": "down 2 via C,X",
                "B": "down 2 via Y,X",
            },
            id="the nearest way counts",
        ),
        pytest.param(
            "A~B A<C<B B<X",
            "X",
            {"B": "down 1 via X", "C": "down 2 via B,X", "A": "down 3 via C,B,X"},
            id="degraded first, down later: the round of the final state",
        ),
    ],
)
def test_the_golden_graphs(graph: str, own: str, expected: dict[str, str]) -> None:
    assert felt(graph, own) == expected


def test_golden_14_a_chain_is_followed_as_far_as_asked_and_says_so() -> None:
    graph = Graph(*drawn("A<B<C<D<E<F<G"))
    found, truncated = felt_above(graph, {ord("G"): DOWN})
    assert ("".join(map(chr, found)), truncated) == ("FEDCB", True)
    assert felt_above(graph, {ord("G"): DOWN}, depth=6).truncated is False
    assert felt_above(graph, {ord("F"): DOWN}).truncated is False


def test_golden_23_what_could_hurt_an_item_names_the_single_points_of_failure() -> None:
    hurts = hurting(Graph(*drawn("A<{B,C}1 B<X C<X")), ord("A"))
    assert [(chr(one.provider), one.state, "".join(map(chr, one.via))) for one in hurts] == [
        ("X", DOWN, "BX"),
        ("B", DEGRADED, "B"),
        ("C", DEGRADED, "C"),
    ]


@pytest.mark.parametrize("depth", [-1, 13])
def test_a_depth_has_its_bounds(depth: int) -> None:
    with pytest.raises(ValueError, match="0 to 12"):
        felt_above(Graph(), {1: DOWN}, depth)
    with pytest.raises(ValueError, match="0 to 12"):
        hurting(Graph(), 1, depth)


@pytest.mark.parametrize(
    "group",
    [
        Group(1, 9),
        Group(1, 9, 1, 50),
        Group(1, 9, 0),
        Group(1, 9, None, 0),
        Group(1, 9, None, 101),
        Group(1, 9, 1, None, 0),
    ],
)
def test_a_group_whose_numbers_say_nothing_is_refused(group: Group) -> None:
    with pytest.raises(ValueError, match="Group 1"):
        Graph([Arrow(2, 9, True, 1)], [group])


def test_an_arrow_of_a_missing_or_anothers_group_is_refused() -> None:
    for groups in ([], [Group(1, 8, 1)]):
        with pytest.raises(ValueError, match="group 1"):
            Graph([Arrow(2, 9, True, 1)], groups)


def test_at_least_so_many_of_sets_counts_each_bit() -> None:
    dice = Random(5)
    for _ in range(200):
        sets = [dice.getrandbits(9) for _ in range(dice.randint(0, 9))]
        for least in range(1, 11):
            expected = sum(1 << bit for bit in range(9) if sum(one >> bit & 1 for one in sets) >= least)
            assert at_least(least, sets) == expected, (least, sets)


def test_failing_something_that_nobody_rests_on_is_felt_by_nobody() -> None:
    graph = Graph([Arrow(1, 2)])
    assert felt_above(graph, {2: DOWN, 7: DOWN}).felt == {}
    assert list(hurting(graph, 1)) == list(hurting(graph, 7)) == []


@pytest.mark.heavy
def test_upwards_random_graphs_give_what_a_walk_anew_gives() -> None:
    dice, raised, cut = Random(1), 0, 0
    for number in range(examples(2000)):
        arrows, groups = random_graph(dice)
        items = sorted({arrow.provider for arrow in arrows} | {arrow.consumer for arrow in arrows})
        own = {one: dice.choice([UP, DEGRADED, DOWN, DOWN]) for one in dice.sample(items, dice.randint(1, 2))}
        depth = dice.randint(0, 6)
        found = felt_above(Graph(arrows, groups), own, depth)
        expected, truncated = naive(arrows, groups, own, depth)
        assert {item: tuple(one) for item, one in found.felt.items()} == expected, (number, arrows, groups, own)
        assert found.truncated is truncated
        assert all(len(one.via) == one.depth for one in found.felt.values())
        raised, cut = raised + len(expected), cut + truncated
    assert raised > 300
    assert cut > 10


@pytest.mark.heavy
def test_downwards_random_graphs_give_what_each_failure_alone_gives() -> None:
    dice, downs, degraded = Random(2), 0, 0
    for number in range(examples(2000)):
        arrows, groups = random_graph(dice)
        items = sorted({arrow.provider for arrow in arrows} | {arrow.consumer for arrow in arrows})
        subject, depth = dice.choice(items), dice.randint(0, 6)
        found = {one.provider: tuple(one)[1:] for one in hurting(Graph(arrows, groups), subject, depth)}
        expected = {}
        for item in items:
            if item != subject:
                outcome, _ = naive(arrows, groups, {item: DOWN}, depth)
                if subject in outcome:
                    expected[item] = outcome[subject]
        assert found == expected, (number, subject, depth, arrows, groups)
        downs += sum(one[0] == DOWN for one in expected.values())
        degraded += sum(one[0] == DEGRADED for one in expected.values())
    assert downs > 100
    assert degraded > 100


def test_the_proof_is_a_sample_here_and_whole_where_it_is_asked_for() -> None:
    assert examples(2000) == (2000 if IN_FULL else 200)
