"""What is proven by turns comes round, each turn costs about the same, and in full nothing is left out."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import sampling
from tests.slo import proving

CASES = [f"tests/a.py::test_each[{number}]" for number in range(10)]


def taken(cases: list[str], monkeypatch: pytest.MonkeyPatch, one_in: int, turns: int) -> list[set[str]]:
    """What each of the turns takes."""
    monkeypatch.setattr(proving, "IN_FULL", False)
    found = []
    for turn in range(1, turns + 1):
        monkeypatch.setattr(proving, "TURN", turn)
        found.append(sampling.of_this_turn("tests/a.py::test_each", cases, one_in))
    return found


def test_every_case_comes_round_once(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = taken(CASES, monkeypatch, one_in=4, turns=4)
    assert sorted(case for turn in turns for case in turn) == sorted(CASES)
    assert {len(turn) for turn in turns} == {2, 3}


def test_each_turn_tries_some_case_however_few_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(taken(CASES[:2], monkeypatch, one_in=4, turns=4))


def test_a_test_without_cases_comes_round_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(map(len, taken(["tests/a.py::test_each"], monkeypatch, one_in=3, turns=3))) == [0, 0, 1]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_or_in_the_turn_that_it_names(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "IN_FULL", False)
    tried = []
    for turn in range(1, 5):
        monkeypatch.setattr(proving, "TURN", turn)
        tried.append(bool(sampling.of_this_turn("tests/a.py::test_each", CASES[:1], 3, at)))
    assert tried == [at == 0, at == 1, at == 2, at == 0]


def test_in_full_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "IN_FULL", True)
    assert sampling.of_this_turn("tests/a.py::test_each", CASES, 4) == set(CASES)
    assert sampling.of_this_turn("tests/a.py::test_each", CASES[:1], 4) == set(CASES[:1])


def test_tests_do_not_all_begin_at_the_same_turn() -> None:
    names = [f"tests/a.py::test_{number}" for number in range(40)]
    if not proving.IN_FULL:
        assert 5 < sum(bool(sampling.of_this_turn(name, [name], 3)) for name in names) < 22


@pytest.mark.parametrize(
    ("commits", "given", "turn"),
    [("2017", "", "20"), ("2099", "", "20"), ("99", "", "1"), ("1", "", "1"), ("", "", "1"), ("2017", "3", "3")],
)
def test_a_hundred_commits_share_a_turn_in_ci(commits: str, given: str, turn: str, tmp_path: Path) -> None:
    """Those lines of `.ci/run`, with a Git that has so many commits, or none to tell of."""
    (tmp_path / "git").write_text(f"#!/bin/sh\necho {commits}\n" if commits else "#!/bin/sh\nexit 128\n")
    (tmp_path / "git").chmod(0o755)
    script = (Path(__file__).parents[2] / ".ci/run").read_text()
    told = "\n".join(
        line for line in script.splitlines() if line.startswith(("set ", "commits=", "export PROOF_TURN="))
    )
    asked = subprocess.run(
        ["bash", "-c", f'{told}\nsh -c "echo \\$PROOF_TURN"'], capture_output=True, text=True, check=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "PROOF_TURN": given},
    )  # fmt: skip
    assert asked.stdout == f"{turn}\n"
