"""Why a clock is due then: the rows add up, and say what people would say."""

import random
from datetime import datetime, timedelta

import pytest

from itsm.clocks.algebra import Basis, Event, Happened, fold
from itsm.clocks.durations import minutes_of, written
from itsm.clocks.explain import rows_of
from itsm.kernel.errors import InvalidInput
from tests.itsm.clocks.calendars import BER, HOUR, NIG, local
from tests.itsm.clocks.minute_oracle import WEEKS_WITH_JUMPS
from tests.itsm.clocks.test_oracle import as_events, some_history
from tests.slo import proving


def ber(text: str) -> datetime:
    return local(BER, text)


def shown(events: list[Event], now: datetime) -> list[str]:
    """As the page shows them: `Thu 2 14:20-16:00 counted 1 h 40 min opened`."""
    lines = []
    for row in rows_of(events, now):
        begin = row.begin.astimezone(BER.zone)
        end = "" if row.end is None else row.end.astimezone(BER.zone).strftime("-%d %H:%M")
        counted = "" if not row.seconds else written(row.seconds // 60) + " "
        lines.append(f"{begin:%d %H:%M}{end} {row.what} {counted}{row.text}".strip())
    return lines


def test_the_picture_of_the_specification() -> None:
    """Why due Tue 7 Apr 16:35?"""
    events = [
        Event(Happened.STARTED, ber("04-02 14:20"), Basis(BER, 16 * HOUR, 1), "opened, P3"),
        Event(Happened.PAUSED, ber("04-02 16:00"), None, "waiting for the caller"),
        Event(Happened.RESUMED, ber("04-07 10:15"), None, "caller replied"),
        Event(Happened.RETARGETED, ber("04-07 13:00"), Basis(BER, 8 * HOUR, 1), "P2"),
    ]
    assert fold(events).due_at == ber("04-07 16:35")
    assert shown(events, ber("04-07 13:00")) == [
        "02 14:20-02 16:00 counted 1 h 40 min opened, P3",
        "02 16:00-07 10:15 paused waiting for the caller",
        "07 10:15-07 13:00 counted 2 h 45 min caller replied",
        "07 13:00 target P2: new target 8 h; 4 h 25 min used stays, 3 h 35 min left",
        "07 13:00-07 16:35 to_come 3 h 35 min",
        "07 16:35 due due",
    ]
    assert fold(events).when(6 * HOUR) == ber("04-07 14:35")


def test_closed_days_between_are_named() -> None:
    begun = [Event(Happened.STARTED, ber("04-02 13:00"), Basis(BER, 16 * HOUR, 1), "opened")]
    assert shown(begun, ber("04-02 13:00")) == [
        "02 13:00-02 17:00 to_come 4 h",
        "03 00:00-07 00:00 off Good Friday to Easter Monday",
        "07 09:00-08 13:00 to_come 12 h",
        "08 13:00 due due",
    ]


def test_a_change_that_leaves_nothing_says_so() -> None:
    events = [
        Event(Happened.STARTED, ber("03-02 09:00"), Basis(BER, 16 * HOUR, 1), "opened"),
        Event(Happened.RETARGETED, ber("03-03 12:00"), Basis(BER, 4 * HOUR, 1), "P1"),
    ]
    assert "P1: new target 4 h; 11 h were used already, so it is breached now" in shown(events, ber("03-03 12:00"))[1]


def test_nights_are_no_closed_days() -> None:
    begun = [Event(Happened.STARTED, ber("03-02 22:30"), Basis(NIG, 20 * HOUR, 1), "opened")]
    assert [row.what for row in rows_of(begun, ber("03-04 12:00"))] == ["counted", "to_come", "due"]


def test_counted_rows_add_up_to_what_has_elapsed_and_the_rest_to_the_target() -> None:
    for seed in range(proving.examples(600)):
        dice = random.Random(f"why {seed}")
        zone = dice.choice(list(WEEKS_WITH_JUMPS))
        begin = dice.choice(WEEKS_WITH_JUMPS[zone])
        events = as_events(some_history(dice, zone, begin), begin)
        now = max(one.at for one in events) + timedelta(minutes=dice.randint(0, 2000))
        reading, rows = fold(events), rows_of(events, now)
        counted = sum(row.seconds or 0 for row in rows if row.what == "counted")
        assert counted == reading.elapsed(now), f"seed {seed}"
        if reading.due_at is not None and reading.due_at > now and reading.target_s is not None:
            left = sum(row.seconds or 0 for row in rows if row.what == "to_come")
            assert counted + left == reading.target_s, f"seed {seed}"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30", 30),
        ("30 min", 30),
        ("4 h", 240),
        ("4h", 240),
        ("4 h 30 min", 270),
        ("4h30", 270),
        ("4:30", 270),
        ("1 hour", 60),
    ],
)
def test_times_as_people_write_them(text: str, minutes: int) -> None:
    assert minutes_of(text, BER, "resolve") == minutes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2 d", "a day of this calendar has 8 h, so 2 d would be 16 h"),
        ("3days", "so 3days would be 24 h"),
        ("1.5 days", "a day of this calendar has 8 h"),
        ("2w", "a day of this calendar has 8 h"),
        ("0", "1 to 525600 minutes"),
        ("0 h", "1 to 525600 minutes"),
        ("999999999", "no time"),
        ("999999", "1 to 525600 minutes"),
        ("soon", "no time"),
        ("-4 h", "no time"),
        ("", "no time"),
    ],
)
def test_days_nothing_and_nonsense_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        minutes_of(text, BER, "targets.resolve")
    assert list(refused.value.errors) == ["targets.resolve"]
