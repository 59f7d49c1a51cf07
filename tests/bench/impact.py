"""Impact on a large estate: what a snapshot costs to lay out, and a walk up from its hub and down from an item.

`python -m tests.bench.impact [ITEMS]` prints the figures as one JSON line. Milliseconds, the median of 25 turns, by the
clock and by CPU: on a busy machine only the latter compares. Three arrows for each item, a third of them in groups of
three, one in five soft; a fifth of all items rests on the hub.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median
from typing import Any

from catalog.engine.graph import Graph, Group, State
from catalog.engine.hurting import hurting
from catalog.engine.impact import felt_above

Row = tuple[int, int, bool, int | None]
HUB = 1


def estate(items: int) -> tuple[list[Row], list[Group]]:
    """The rows of the arrows as a cursor would give them, and the groups. Always the same."""
    dice = Random(1)
    rows: list[Row] = [(HUB, one, True, None) for one in dice.sample(range(2, items + 1), items // 5)]
    groups: list[Group] = []
    while len(rows) < items * 3:
        provider, consumer = dice.sample(range(2, items + 1), 2)
        if dice.random() < 0.14:
            groups.append(Group(len(groups), consumer, needs=2))
            rows += [
                (one, consumer, True, groups[-1].id) for one in dice.sample(range(2, items + 1), 3) if one != consumer
            ]
        else:
            rows.append((provider, consumer, dice.random() < 0.8, None))
    return rows, groups


def run(items: int = 10_000) -> dict[str, Any]:
    rows, groups = estate(items)
    graph = Graph(rows, groups)
    failed = {HUB: State.DOWN}
    rests_on_much = max(graph.below, key=lambda item: len(graph.below[item].rules) + len(graph.below[item].hard))
    timed = partial(_timed, turns=25 if items > 2_000 else 2)  # of so few nobody asks how fast it is
    return {
        "items": items,
        "arrows": len(rows),
        "hub": len(graph.broken_by(HUB)),
        "felt": len(felt_above(graph, failed).felt),
        "could_hurt": len(hurting(graph, rests_on_much)),
        **timed("layout", lambda: Graph(rows, groups)),
        **timed("layout_downwards", lambda: Graph(rows, groups).below),
        **timed("walk_up", lambda: felt_above(graph, failed)),
        **timed("walk_down", lambda: hurting(graph, rests_on_much)),
    }


def _timed(what: str, work: Callable[[], object], turns: int) -> dict[str, float]:
    clock, cpu = [], []
    for _ in range(turns):
        gc.collect()  # what the turn before left is not this one's to sweep
        began, spent = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - began)
        cpu.append(time.process_time() - spent)
    return {f"{what}_ms": round(median(clock) * 1000, 1), f"{what}_cpu_ms": round(median(cpu) * 1000, 1)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
