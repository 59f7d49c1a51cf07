"""The course of an escalation as plain Python, and what its walk of the database makes of it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm.paging.rules import Place, after, is_between


def walked(steps: int, repeats: int, run_from: int) -> list[Place]:
    places, place = [], Place(run_from, 0)
    while (place := after(place, steps=steps, repeats=repeats, run_from=run_from)) is not None:
        places.append(place)
    return places


@given(st.integers(0, 6), st.integers(0, 9), st.integers(1, 40))
def test_every_step_of_every_round_comes_once_in_order(steps, repeats, run_from):
    expected = [Place(run_from + r, s) for r in range(repeats + 1) for s in range(1, steps + 1)]
    assert walked(steps, repeats, run_from) == (expected if steps else [])


@pytest.mark.parametrize(
    ("shown", "begin", "end", "inside"),
    [
        ("08:59:59", "09:00", "17:00", False),
        ("09:00:00", "09:00", "17:00", True),
        ("16:59:59", "09:00", "17:00", True),
        ("17:00:00", "09:00", "17:00", False),
        ("23:00:00", "22:00", "06:00", True),
        ("05:59:59", "22:00", "06:00", True),
        ("06:00:00", "22:00", "06:00", False),
        ("12:00:00", "07:00", "07:00", True),
    ],
)
def test_hours_are_read_on_the_clocks_of_the_zone(shown, begin, end, inside):
    zone = ZoneInfo("Europe/Berlin")
    at = datetime.combine(date(2026, 11, 24), time.fromisoformat(shown), zone).astimezone(UTC)
    assert is_between(at, time.fromisoformat(begin), time.fromisoformat(end), zone) is inside
