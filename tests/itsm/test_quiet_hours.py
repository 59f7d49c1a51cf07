"""Quiet hours of a person, and when what is collected leaves: local times, also where clocks jump."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from itsm.notifications.quiet_hours import ends_at, next_collection

BERLIN = ZoneInfo("Europe/Berlin")


def ber(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "begin", "end", "ends"),
    [
        (ber("03-28 22:10"), time(20), time(7), ber("03-29 07:00")),
        (ber("03-29 06:59"), time(20), time(7), ber("03-29 07:00")),
        (ber("03-29 07:00"), time(20), time(7), None),
        (ber("03-28 20:00"), time(20), time(7), ber("03-29 07:00")),
        (ber("03-28 19:59"), time(20), time(7), None),
        (ber("03-28 12:30"), time(12), time(13), ber("03-28 13:00")),
        # Clocks go back: 02:30 is shown twice.
        (ber("10-25 01:10"), time(20), time(2, 30), ber("10-25 02:30")),
        (ber("10-25 02:10", 1), time(20), time(2, 30), ber("10-25 02:30", 1)),
        # Clocks go forward: 02:30 is never shown, and means the jump.
        (ber("03-29 01:10"), time(20), time(2, 30), ber("03-29 03:00")),
        (ber("10-24 22:10"), time(20), time(7), ber("10-25 07:00")),
    ],
)
def test_a_mail_of_quiet_hours_comes_as_they_end(at: datetime, begin: time, end: time, ends: datetime | None) -> None:
    assert ends_at(at, begin, end, BERLIN) == ends


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    at = ber("03-28 22:10")
    found = ends_at(at, time(20), time(7), BERLIN)
    assert found == datetime(2026, 3, 29, 5, tzinfo=UTC)  # 07:00 CEST
    assert (found - at).total_seconds() == (7 * 60 + 50) * 60
    back = ends_at(ber("10-24 22:10"), time(20), time(7), BERLIN)
    assert back is not None
    assert (back - ber("10-24 22:10")).total_seconds() == (9 * 60 + 50) * 60


def test_what_is_collected_leaves_at_the_next_full_hour_or_the_next_morning() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    at = datetime(2026, 3, 2, 10, 10, tzinfo=UTC)  # 15:40 there
    assert next_collection(at, "hourly", kolkata) == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    assert next_collection(at, "hourly", BERLIN) == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert next_collection(ber("03-28 08:00"), "daily", BERLIN) == ber("03-29 08:00")
    assert next_collection(ber("03-28 07:59"), "daily", BERLIN) == ber("03-28 08:00")
