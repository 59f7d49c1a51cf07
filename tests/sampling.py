"""What is proven by turns: `@pytest.mark.in_turn(4)` on a test, a class or a module (`pytestmark`).

    in_turn(4)         of a test with many cases a quarter, at least one; a test without cases in one turn of four
    in_turn(4, at=0)   the latter in the first of the four, so that tests that are alike share the turns

In full (`make prove`) all of them run; which turn it is says PROOF_TURN (`tests/slo/proving.py`). Whoever names tests,
by `file::test` or by -k, is given all of those.
"""

import zlib
from collections import defaultdict
from collections.abc import Collection

import pytest

from tests.slo import proving


def _number(name: str) -> int:
    """The same on each machine and in each worker."""
    return zlib.crc32(name.encode())


def of_this_turn(test: str, cases: Collection[str], one_in: int, at: int | None = None) -> set[str]:
    """Those of the test's cases that are tried in this turn. Each test begins elsewhere, so that each turn costs the same."""
    turn = proving.TURN - 1 + (_number(test) if at is None else one_in - at)
    if len(cases) == 1 and not proving.IN_FULL:
        return set(cases) if turn % one_in == 0 else set()
    return proving.by_turns(cases, turn, one_in)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("in_turn"):
            item.add_marker("heavy")
            tests[item.nodeid.partition("[")[0]].append(item)
    if proving.IN_FULL or config.option.keyword or any("::" in one for one in config.args):
        return
    left = [item for test, cases in tests.items() for item in _left_out(test, cases)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def _left_out(test: str, cases: list[pytest.Item]) -> list[pytest.Item]:
    mark = cases[0].get_closest_marker("in_turn")
    assert mark is not None
    taken = of_this_turn(test, [item.nodeid for item in cases], *mark.args, **mark.kwargs)
    return [item for item in cases if item.nodeid not in taken]
