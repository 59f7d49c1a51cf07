"""The warm session finds what it puts a fault into, and takes no accident for a test that noticed."""

import gc
import os

import pytest

from itsm import lifecycle
from tests.mutants import rules, warm


@pytest.fixture
def fault() -> rules.Fault:
    code = lifecycle.step.__code__
    return rules.Fault("itsm/lifecycle.py", 1, "", "", "step", code.co_firstlineno, "0", code)


def test_functions_are_found_that_the_collector_no_longer_walks_through() -> None:
    gc.freeze()
    found = {name for _path, name, _line in warm._live(["itsm/lifecycle.py"])}
    gc.freeze()
    assert {"Moved.acted_on", "step", "created"} <= found


def test_a_child_that_ends_by_itself_has_noticed_nothing(fault: rules.Fault) -> None:
    child = warm.Child(lambda _pipe: os._exit(1))
    try:
        assert child.ask(fault, [], 1.0) == (warm.NO_ANSWER, "", False)
    finally:
        child.end()
