"""The list of faults stays true: each can still be made, in one place, and the tests that notice it exist."""

import ast
from pathlib import Path

import pytest

from tests.mutants import source
from tests.mutants.named import NAMED, Mutant


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    return source.read()


def test_each_can_still_be_made(texts: dict[Path, str]) -> None:
    """One test of them all, which names each that cannot: as one of each they cost more to tell than to make."""
    wrong = [f"{mutant.name}: {why}" for mutant in NAMED if (why := _why_not(mutant, texts))]
    assert not wrong, "\n".join(wrong)


def _why_not(mutant: Mutant, texts: dict[Path, str]) -> str:
    try:
        path, match = source.place(mutant, texts)
    except source.NotFound as error:
        return str(error)
    broken = texts[path][: match.start()] + mutant.after + texts[path][match.end() :]
    if broken == texts[path]:
        return "it changes nothing"
    if path.suffix == ".py":
        try:
            ast.parse(broken)
        except SyntaxError as error:
            return repr(error)
    return ""


def test_what_notices_it_is_there() -> None:
    names = {name for mutant in NAMED for name in mutant.killed_by}
    assert set(source.tests_named(tuple(sorted(names)))) == names


def test_their_names_differ() -> None:
    assert len({mutant.name for mutant in NAMED}) == len(NAMED)


def test_text_that_is_gone_is_said_so(texts: dict[Path, str]) -> None:
    for gone in ("what never stood anywhere", "return"):
        with pytest.raises(source.NotFound, match="not once"):
            source.place(Mutant("x", gone, "", ()), texts)


@pytest.mark.parametrize(
    "wrapped",
    ["keep(first, by=[1, 2])", "keep(\n    first,\n    by=[1, 2],\n)", "keep(first, by=[\n    1,\n    2,\n])"],
)
def test_a_second_place_is_seen_however_it_is_wrapped(wrapped: str) -> None:
    texts = {Path("a.py"): "keep(\n    first, by=[1, 2]\n)\n"}
    mutant = Mutant("x", wrapped, "", ())
    assert source.place(mutant, texts)[1].group() == texts[Path("a.py")].strip()
    for there in ({Path("a.py"): f"{texts[Path('a.py')]}{wrapped}\n"}, texts | {Path("b.py"): f"    {wrapped}\n"}):
        with pytest.raises(source.NotFound, match="2 times"):
            source.place(mutant, there)
