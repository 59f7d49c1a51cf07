"""Random calendars and histories, read by the algebra and minute by minute: the same, days with jumps favoured."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from itsm.clocks.algebra import Basis, Event, Happened, fold
from itsm.clocks.hours import Day, Hours, Span
from tests.itsm.clocks.minute_oracle import MINUTE, WEEKS_WITH_JUMPS, Calendar, Said, open_minutes, read
from tests.slo import proving

WINDOW = 8 * 24 * 60  # minutes walked
EVENTFUL = 4 * 24 * 60  # minutes in which things happen
EDGES = [0, 30, 60, 90, 120, 125, 150, 165, 180, 210, 300, 360, 540, 720, 1020, 1320, 1380, 1440]


def some_spans(dice: random.Random) -> list[tuple[int, int]]:
    edges = sorted(dice.sample(EDGES, 2 * dice.choice([0, 1, 1, 1, 2, 3])))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    if len(spans) > 1 and dice.random() < 0.3:
        spans[0] = spans[0][0], spans[1][0]  # touching
    return spans


def some_calendar(dice: random.Random, name: int, zone: str, begin: datetime) -> Calendar:
    usual = some_spans(dice)
    week = tuple(some_spans(dice) if dice.random() < 0.4 else usual for _ in range(7))
    near = [begin.date() + timedelta(days=number) for number in range(9)]
    days: dict[date, list[tuple[int, int]]] = {one: some_spans(dice) for one in dice.sample(near, dice.randint(0, 2))}
    return Calendar(name, zone, week, days)


def as_hours(calendar: Calendar) -> Hours:
    def spans(written: object) -> tuple[Span, ...]:
        return tuple(Span(*one) for one in written)  # type: ignore[attr-defined]

    return Hours(
        ZoneInfo(calendar.zone),
        tuple(spans(one) for one in calendar.week),
        {day: Day(spans(one)) for day, one in calendar.days.items()},
    )


def some_history(dice: random.Random, zone: str, begin: datetime) -> list[Said]:
    calendars = [
        some_calendar(dice, 1, zone, begin),
        some_calendar(dice, 2, dice.choice(list(WEEKS_WITH_JUMPS)), begin),
    ]
    said = [
        Said(
            dice.randint(0, EVENTFUL // 2),
            "started",
            dice.choice(calendars),
            dice.choice([None, dice.randint(1, 1500)]),
        )
    ]
    for minute in sorted(dice.randint(said[0].minute, EVENTFUL) for _ in range(dice.randint(0, 7))):
        what = dice.choice(
            ["paused", "paused", "resumed", "resumed", "stopped", "retargeted", "retargeted", "recounted"]
        )
        if what == "retargeted":
            said.append(
                Said(minute, what, dice.choice(calendars), dice.choice([None, *(dice.randint(1, 1500) for _ in "123")]))
            )
        elif what == "recounted":
            place = dice.randint(0, 1)
            anew = calendars[place] = some_calendar(dice, place + 1, calendars[place].zone, begin)
            said.append(Said(dice.choice([minute, dice.randint(said[0].minute, minute)]), what, anew))
        else:
            said.append(Said(minute, what))
    if dice.random() < 0.05:
        said.append(Said(max(one.minute for one in said), "voided"))
    return said


def as_events(said: list[Said], begin: datetime) -> list[Event]:
    hours: dict[int, Hours] = {}
    events = []
    for one in said:
        basis = None
        if one.calendar is not None:
            known = hours.setdefault(id(one.calendar), as_hours(one.calendar))
            basis = Basis(known, None if one.target is None else one.target * 60, one.calendar.name)
        events.append(Event(Happened(one.what), begin + MINUTE * one.minute, basis))
    return events


def compare(seed: int) -> None:
    dice = random.Random(seed)
    zone = dice.choice(list(WEEKS_WITH_JUMPS))
    begin = dice.choice([*WEEKS_WITH_JUMPS[zone], *WEEKS_WITH_JUMPS[zone], datetime(2026, 7, 3, tzinfo=UTC)])
    said = some_history(dice, zone, begin)
    expected, product = read(said, begin, WINDOW), fold(as_events(said, begin))
    due = None if product.due_at is None else (product.due_at - begin) / MINUTE
    if due is not None and due > WINDOW:
        due = None  # further than the oracle walks
    counted, late = product.counted_s / 60, product.late_s / 60
    got = {"state": product.state, "counted": counted, "due": due, "outcome": product.outcome, "late": late}
    assert got | {"by_change": product.by_change} == expected, f"seed {seed}: {said}"


@pytest.mark.parametrize("part", range(4))
def test_the_algebra_says_what_walking_through_the_minutes_says(part: int) -> None:
    for seed in range(part, proving.examples(1000), 4):
        compare(seed)


def test_opening_hours_are_those_of_every_minute() -> None:
    for seed in range(proving.examples(400)):
        dice = random.Random(f"open {seed}")
        zone = dice.choice(list(WEEKS_WITH_JUMPS))
        begin = dice.choice(WEEKS_WITH_JUMPS[zone])
        calendar = some_calendar(dice, 1, zone, begin)
        hours, minutes = as_hours(calendar), 5 * 24 * 60
        walked = open_minutes(calendar, begin, minutes)
        told = [False] * minutes
        for first, last in hours.opened(begin, begin + MINUTE * minutes):
            for minute in range(int((first - begin) / MINUTE), int((last - begin) / MINUTE)):
                told[minute] = True
        assert told == walked, f"seed {seed}"
        assert hours.counted(begin, begin + MINUTE * minutes) == sum(walked) * 60
