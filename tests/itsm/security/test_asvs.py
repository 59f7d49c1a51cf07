"""The table of the verification standard says what is true of this tree: nothing is called met without its test."""

from collections import Counter
from functools import cache
from pathlib import Path

from itsm.security import asvs
from itsm.security.asvs import Standing

ROOT = Path(__file__).parents[3]
ITEMS = asvs.requirements()


@cache
def said(path: str) -> str:
    place = ROOT / path
    files = [place] if place.is_file() else sorted(place.glob("**/test_*.py"))
    return "\n".join(file.read_text("utf-8") for file in files)


def test_each_item_of_both_levels_is_there_once() -> None:
    assert Counter(one.level for one in ITEMS) == {1: 70, 2: 183}
    assert len({one.number for one in ITEMS}) == 253


def test_the_tests_that_are_named_exist() -> None:
    """All items in one test: that many tests cost more to tell than to make."""
    lacking = [f"{item.number} names {named}" for item in ITEMS for named in item.tests if not _is_there(named)]
    assert lacking == []


def _is_there(named: str) -> bool:
    path, _, name = named.partition("::")
    return bool(said(path)) and (not name or f"def {name}(" in said(path))


def test_what_is_met_has_a_test_and_everything_says_how_or_why() -> None:
    assert [one.number for one in ITEMS if one.standing == Standing.MET and not one.tests] == []
    assert [one.number for one in ITEMS if len(one.how) < 10 or not one.topic] == []


def test_at_least_95_percent_of_what_applies_is_met() -> None:
    assert asvs.share_met() >= 95
