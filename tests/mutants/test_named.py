"""The list of faults stays true: each can still be made, in one place, and the tests that notice it exist."""

import ast
from pathlib import Path

import pytest

from tests.mutants import source
from tests.mutants.named import NAMED, Mutant


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    return source.read()


@pytest.mark.parametrize("mutant", NAMED, ids=lambda mutant: mutant.name)
def test_it_can_still_be_made(mutant: Mutant, texts: dict[Path, str]) -> None:
    path, match = source.place(mutant, texts)
    broken = texts[path][: match.start()] + mutant.after + texts[path][match.end() :]
    assert broken != texts[path]
    if path.suffix == ".py":
        ast.parse(broken)


def test_what_notices_it_is_there() -> None:
    names = {name for mutant in NAMED for name in mutant.killed_by}
    assert set(source.tests_named(tuple(sorted(names)))) == names


def test_their_names_differ() -> None:
    assert len({mutant.name for mutant in NAMED}) == len(NAMED)


def test_text_that_is_gone_is_said_so(texts: dict[Path, str]) -> None:
    for gone in ("what never stood anywhere", "return"):
        with pytest.raises(source.NotFound, match="not once"):
            source.place(Mutant("x", gone, "", ()), texts)
