"""Workers of a fresh clone collect in turn (tests/collecting.py)."""

import fcntl
from pathlib import Path

import pytest

from tests.collecting import is_compiled, turn


def test_what_pytest_compiled_is_found_below_a_folder_of_tests(tmp_path: Path) -> None:
    kept = tmp_path / "slo" / "engine" / "__pycache__"
    kept.mkdir(parents=True)
    (kept / "naive.cpython-311.pyc").touch()
    assert not is_compiled(tmp_path)
    (kept / "test_burn.cpython-311-pytest-9.2.0.pyc").touch()
    assert is_compiled(tmp_path)


def test_the_first_is_alone_and_all_others_go_together(tmp_path: Path) -> None:
    place = tmp_path / "turn"
    with turn(place), place.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    with place.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        with turn(place), place.open() as third:  # enters although one is inside
            fcntl.flock(third, fcntl.LOCK_SH | fcntl.LOCK_NB)
