"""The gate's reach: equal to the walk over services only where there is nothing else, and never less where there is."""

from random import Random

import pytest

from catalog.engine.graph import Arrow, Graph, Group
from catalog.engine.reach import MAX_HOPS, Reached, services_reached
from tests.catalog.engine.naive_impact import Dependencies, spread
from tests.slo.proving import IN_FULL

GRAPHS = 6000 if IN_FULL else 300


def dependencies(dice: Random) -> Dependencies:
    """Services that depend on each other at random: loops, redundancy groups, groups that need more than they have."""
    size = dice.randint(2, 12)
    pairs = {tuple(dice.sample(range(1, size + 1), 2)) for _ in range(dice.randint(1, size * 3))}
    return [
        (service, on, redundancy, dice.randint(1, 3) if redundancy else 1)
        for service, on in dice.sample(sorted(pairs), len(pairs))
        for redundancy in [dice.choice(["", "", "db", "cache"])]
    ]


def as_graph(arrows: Dependencies) -> tuple[list[Arrow], list[Group]]:
    """Equal (service, redundancy) is one group; it needs what the neediest of its arrows says."""
    needs: dict[tuple[int, str], int] = {}
    for service, _, redundancy, number in arrows:
        needs[service, redundancy] = max(number, needs.get((service, redundancy), 1))
    ids = {key: at for at, key in enumerate(sorted(key for key in needs if key[1]))}
    groups = [Group(at, key[0], needs[key]) for key, at in ids.items()]
    return [Arrow(on, service, True, ids.get((service, red))) for service, on, red, _ in arrows], groups


@pytest.mark.heavy
def test_among_services_alone_set_depth_and_path_are_those_of_before() -> None:
    dice, reached = Random(3), 0
    for number in range(GRAPHS):
        arrows = dependencies(dice)
        services = {one for arrow in arrows for one in arrow[:2]}
        changed = set(dice.sample(sorted(services), dice.randint(1, min(3, len(services)))))
        depth = dice.randint(0, 6)
        expected = spread(changed, arrows, depth)
        found = services_reached(Graph(*as_graph(arrows)), changed, services, depth).services
        assert [(one.depth, one.service, one.path) for one in found] == sorted(
            (len(path), service, path) for service, path in expected.items()
        ), (number, arrows, changed)
        assert all(one.via == one.path for one in found)
        reached += len(expected)
    assert reached > GRAPHS


@pytest.mark.heavy
def test_what_runs_between_and_below_services_only_adds() -> None:
    dice, more = Random(4), 0
    for number in range(GRAPHS):
        arrows = dependencies(dice)
        services = {one for arrow in arrows for one in arrow[:2]}
        changed = set(dice.sample(sorted(services), 1))
        plain, groups = as_graph(arrows)
        items = list(range(100, 106))
        joined = [Arrow(*dice.sample([*items, *sorted(services)], 2), dice.random() < 0.8) for _ in range(6)]
        before = {one.service: one.depth for one in services_reached(Graph(plain, groups), changed, services).services}
        after = {
            one.service: one.depth
            for one in services_reached(Graph([*plain, *joined], groups), changed, services).services
        }
        assert before.keys() <= after.keys(), (number, arrows, joined)
        assert all(after[service] <= depth for service, depth in before.items())
        more += len(after) > len(before)
    assert more > GRAPHS // 20


def test_items_in_between_use_up_no_depth_and_are_named_on_the_way() -> None:
    """shop 1 on host 10 on rack 11 on service 2 on service 3: two services away."""
    graph = Graph([Arrow(3, 2), Arrow(2, 11), Arrow(11, 10), Arrow(10, 1)])
    assert services_reached(graph, [3], {1, 2, 3}).services == [
        Reached(2, 1, (3,), (3,)),
        Reached(1, 2, (2, 3), (10, 11, 2, 3)),
    ]


def test_a_change_of_an_item_reaches_the_services_above_it() -> None:
    graph = Graph([Arrow(10, 11), Arrow(11, 1), Arrow(1, 2)])
    assert services_reached(graph, [10], {1, 2}).services == [
        Reached(1, 1, (10,), (11, 10)),
        Reached(2, 2, (1, 10), (1, 11, 10)),
    ]


def test_redundancy_among_items_saves_the_service_until_too_few_are_left() -> None:
    graph = Graph([Arrow(10, 1, True, 7), Arrow(11, 1, True, 7)], [Group(7, 1, 1)])
    assert services_reached(graph, [10], {1}).services == []
    assert [one.service for one in services_reached(graph, [10, 11], {1}).services] == [1]


def test_a_soft_arrow_or_group_reaches_nobody() -> None:
    soft = Graph([Arrow(10, 1, False), Arrow(10, 2, False, 7)], [Group(7, 2, 1)])
    assert services_reached(soft, [10], {1, 2}).services == []


def test_a_chain_of_items_is_followed_twenty_arrows_far_and_then_said_to_go_on() -> None:
    def reach(items: int) -> tuple[list[int], bool]:
        chain = [Arrow(at, at + 1) for at in range(100, 100 + items)] + [Arrow(100 + items, 1)]
        found = services_reached(Graph(chain), [100], {1})
        return [one.service for one in found.services], found.truncated

    assert reach(MAX_HOPS) == ([1], False)
    assert reach(MAX_HOPS + 1) == ([], True)


def test_a_round_more_that_would_reach_a_service_is_said() -> None:
    graph = Graph([Arrow(1, 2), Arrow(2, 3)])
    assert services_reached(graph, [1], {1, 2, 3}, depth=1).truncated is True
    assert services_reached(graph, [1], {1, 2, 3}, depth=2).truncated is False
    with pytest.raises(ValueError, match="far"):
        services_reached(graph, [1], {1}, depth=-1)
