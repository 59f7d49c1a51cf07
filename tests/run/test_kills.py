"""Kills of several runs add up, by kind and commit; a run ends when its minutes are over."""

from pathlib import Path

from tests.run.kills import Kills, in_all


def test_runs_add_up_and_only_what_held_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "kills"
    for most in (2, 3):
        run = Kills("gate", most, minutes=5, file=file)
        for _turn in run.turns():
            run.holds("web")
    assert in_all("gate", file) == 5
    assert in_all("paging", file) == 0
    assert in_all("gate", file, "another") == 0
    run = Kills("gate", 9, minutes=5, file=file)
    for turn in run.turns():
        if turn == 1:
            break  # after this one something did not hold
        run.holds("web")
    assert in_all("gate", file) == 6
    assert "1 kills of gate in this run" in run.told()
    assert "6 in all" in run.told()


def test_a_run_ends_when_its_minutes_are_over(tmp_path: Path) -> None:
    run = Kills("gate", 9, minutes=0, file=tmp_path / "kills")
    assert list(run.turns()) == []
