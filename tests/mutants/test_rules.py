"""Faults by rule: what is changed, what is left alone, and that a draw can be repeated."""

import ast
from pathlib import Path

import pytest

from tests.mutants import by_rule, rules

SOURCE = '''
from functools import cache

LIMIT = 10


@cache
def fits(amount: int, room: int = 0) -> bool:
    """Whether it fits."""
    if amount > room and not full():
        return False
    tell(_("too much %(most)s") % {"most": LIMIT}, loud=True)
    return amount <= LIMIT


class Box:
    @property
    def size(self) -> int:
        if self.closed:
            raise ValueError("closed at " + str(1 + 1))
        return self.high * 2
'''


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[rules.Fault]:
    monkeypatch.setattr(rules, "ROOT", tmp_path)
    (tmp_path / "box.py").write_text(SOURCE)
    places, found = rules.faults("box.py")
    assert places >= len(found) > 10
    return found


def changes(made: list[rules.Fault]) -> set[tuple[str, str, str]]:
    return {(one.function, one.before, one.after) for one in made}


def test_limits_conditions_and_calls_are_changed_whatever_decorates_the_function(made: list[rules.Fault]) -> None:
    assert changes(made) >= {
        ("fits", "> room", ">= room"),
        ("fits", "<= LIMIT", "< LIMIT"),
        ("fits", "not full()", "full()"),
        ("fits", "amount > room and not full()", "(amount > room)"),
        ("fits", "amount > room and not full()", "amount > room or not full()"),
        ("Box.size", "self.high * 2", "self.high / 2"),
        ("Box.size", "2", "3"),
    }
    assert any(one.after == "..." and one.before.startswith("tell(") for one in made), "a call for its effect"


def test_words_refusals_and_what_is_made_while_importing_are_left_alone(made: list[rules.Fault]) -> None:
    told = " ".join(f"{one.before} {one.after}" for one in made if one.after != "..." and "if" not in one.before)
    assert "XX" not in told
    assert "1 + 1" not in told
    assert not any(one.line == SOURCE.splitlines().index("LIMIT = 10") + 1 for one in made)


def test_a_fault_is_the_code_of_its_function(made: list[rules.Fault]) -> None:
    fault = next(one for one in made if (one.before, one.after) == ("2", "3"))
    sound = rules.functions(compile(SOURCE, "box.py", "exec"))
    assert (fault.function, fault.first_line) in sound
    assert 3 in fault.code.co_consts
    assert 3 not in sound[fault.function, fault.first_line].co_consts


def test_a_draw_can_be_repeated() -> None:
    path = "changes/gate/risk.py"
    drawn = [[str(fault) for fault in rules.faults(path, 5, seed)[1]] for seed in ("28", "28", "29")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [len(one) for one in drawn] == [5, 5, 5]


def test_a_file_that_says_nothing_has_no_faults() -> None:
    assert rules.faults("slo/engine/__init__.py") == (0, [])


def test_every_room_has_tests_that_prove_it() -> None:
    chosen = by_rule.files([])
    assert {"changes/gate/risk.py", "itsm/lifecycle.py", "itsm/approvals/operations.py"} <= set(chosen)
    for name in chosen:
        assert by_rule.tests_of([name])
        ast.parse((rules.ROOT / name).read_text(encoding="utf-8"))
    folders = {folder for found in by_rule.TESTS.values() for folder in found}
    assert [folder for folder in folders if not (rules.ROOT / folder).exists()] == []


def test_rules_without_a_database_are_proven_by_their_own_tests() -> None:
    assert by_rule.tests_of(["changes/gate/risk.py", "changes/gate/decide.py"]) == ["tests/changes/gate"]
