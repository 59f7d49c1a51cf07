"""The table of the verification standard says what is true of this tree: nothing is called met without its test."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from itsm.security import asvs
from itsm.security.asvs import Requirement, Standing

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


@pytest.mark.parametrize("item", [one for one in ITEMS if one.tests], ids=lambda one: one.number)
def test_the_tests_that_are_named_exist(item: Requirement) -> None:
    for named in item.tests:
        path, _, name = named.partition("::")
        assert said(path), f"{item.number} names {path}, which holds no tests"
        assert not name or f"def {name}(" in said(path), f"{item.number} names {named}"


def test_what_is_met_has_a_test_and_everything_says_how_or_why() -> None:
    assert [one.number for one in ITEMS if one.standing == Standing.MET and not one.tests] == []
    assert [one.number for one in ITEMS if len(one.how) < 10 or not one.topic] == []


def test_at_least_95_percent_of_what_applies_is_met() -> None:
    assert asvs.share_met() >= 95
