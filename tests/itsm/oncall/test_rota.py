"""The golden examples of the design, and random schedules against a walk by quarter-hours."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from itsm.oncall.engine.rota import final
from itsm.oncall.engine.values import Away, Count, Layer, Override, Rota, Shift, Source, Stretch, Swap, Unit
from tests.itsm.oncall.walk import walked
from tests.slo.proving import IN_FULL

A, B, C, D = 1, 2, 3, 4
BERLIN = ZoneInfo("Europe/Berlin")
NINE = 9 * 60
H = 60


def layer(anchor: date = date(2026, 11, 2), people: str = "ABC", **said: object) -> Layer:
    slots = tuple((" ABCD".index(one),) for one in people)
    given = {"line": 1, "rank": 1, "zone": BERLIN, "unit": Unit.WEEKS, "length": 1, "handoff": NINE, "slots": slots}
    return Layer(**{**given, "anchor": anchor, **said})  # type: ignore[arg-type]


def every_day(begin: int, end: int, days: range = range(7)) -> tuple[Stretch, ...]:
    over = 1440 if end <= begin else 0
    return tuple(Stretch(day * 1440 + begin, (day * 1440 + end + over) % 10080) for day in days)


def daily(**said: object) -> Layer:
    return layer(unit=Unit.DAYS, **said)  # type: ignore[arg-type]


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def read(rota: Rota, begin: str, end: str) -> str:
    """`A -02 07:00; - -02 09:00`: who until when, neighbours of the same people as one."""
    said: list[tuple[str, datetime]] = []
    for shift in final(rota, utc(begin), utc(end)):
        name = "".join(" ABCD"[one] for one in shift.people) or "-"
        if said and said[-1][0] == name:
            said.pop()
        said.append((name, shift.end))
    return "; ".join(f"{name} {until:%d %H:%M}" for name, until in said)


WEEKLY = layer(people="AB", zone=BERLIN)
BELOW = layer(line=2, rank=2, people="D")
WORK = every_day(9 * H, 17 * H, range(5))
TURN_0 = Swap(1, 1, 0, A, C, start=utc("2026-11-04 08:00"))
NEW_YORK, LONDON, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")
SUN = Rota(
    (
        layer(people="A", rank=1, line=1, zone=LONDON, stretches=every_day(9 * H, 17 * H)),
        layer(people="B", rank=2, line=2, zone=NEW_YORK, stretches=every_day(12 * H, 20 * H)),
        layer(people="C", rank=3, line=3, zone=KOLKATA, stretches=every_day(7 * H + 30, 14 * H + 30)),
    )
)
NIGHTS = every_day(22 * H, 6 * H)
GOLDEN = {
    "1 weekly over spring": (
        Rota((layer(date(2027, 3, 15)),)), "2027-03-15 08:00", "2027-04-05 07:00",
        "A 22 08:00; B 29 07:00; C 05 07:00",
    ),
    "2 weekly over autumn": (
        Rota((layer(date(2026, 10, 12)),)), "2026-10-12 07:00", "2026-10-26 08:00", "A 19 07:00; B 26 08:00",
    ),
    "3 daily 02:30, spring": (
        Rota((daily(anchor=date(2027, 3, 26), people="AB", handoff=150),)), "2027-03-27 01:30", "2027-03-29 00:30",
        "B 28 01:00; A 29 00:30",
    ),
    "4 daily 02:30, autumn": (
        Rota((daily(anchor=date(2026, 10, 23), people="AB", handoff=150),)), "2026-10-24 00:30", "2026-10-26 01:30",
        "B 25 00:30; A 26 01:30",
    ),
    "5 twelve hours from 08:00": (
        Rota((layer(date(2027, 3, 27), "AB", unit=Unit.HOURS, length=12, handoff=480),)),
        "2027-03-27 07:00", "2027-03-28 18:00", "A 27 19:00; B 28 06:00; A 28 18:00",
    ),
    "6 ten hours from 08:00": (
        Rota((layer(date(2026, 10, 24), unit=Unit.HOURS, length=10, handoff=480),)),
        "2026-10-24 06:00", "2026-10-25 22:00", "A 24 16:00; B 25 02:00; C 25 12:00; A 25 22:00",
    ),
    "7 weekly, nights": (
        Rota((layer(date(2026, 10, 19), "AB", stretches=NIGHTS),)), "2026-10-24 20:00", "2026-10-26 05:00",
        "A 25 05:00; - 25 21:00; A 26 05:00",
    ),
    "8 the same, hand-off at midnight": (
        Rota((layer(people="AB", handoff=0, stretches=NIGHTS),)), "2026-11-08 21:00", "2026-11-09 05:00",
        "A 08 23:00; B 09 05:00",
    ),
    "9 Mon-Fri, calendar": (
        Rota((daily(stretches=every_day(9 * H, 19 * H, range(5))),)), "2026-11-05 08:00", "2026-11-09 18:00",
        "A 05 18:00; - 06 08:00; B 06 18:00; - 09 08:00; B 09 18:00",
    ),
    "10 Mon-Fri, covered": (
        Rota((daily(stretches=every_day(9 * H, 19 * H, range(5)), count=Count.COVERED),)),
        "2026-11-05 08:00", "2026-11-10 18:00",
        "A 05 18:00; - 06 08:00; B 06 18:00; - 09 08:00; C 09 18:00; - 10 08:00; A 10 18:00",
    ),
    "11 New York, weekends": (
        Rota((layer(date(2027, 3, 5), "AB", zone=NEW_YORK, handoff=17 * H,
                    stretches=(Stretch(4 * 1440 + 17 * H, 9 * H),)),)),
        "2027-03-12 22:00", "2027-03-15 14:00", "B 15 13:00; - 15 14:00",
    ),
    "12 days above a layer": (
        Rota((daily(stretches=WORK), BELOW)), "2026-11-06 00:00", "2026-11-09 16:00",
        "D 06 08:00; B 06 16:00; D 09 08:00; B 09 16:00",
    ),
    "13 two overrides": (
        Rota((WEEKLY,), (Override(1, utc("2026-11-03 10:00"), utc("2026-11-03 20:00"), (D,)),
                         Override(2, utc("2026-11-03 18:00"), utc("2026-11-03 22:00"), (C,)))),
        "2026-11-03 08:00", "2026-11-03 23:00", "A 03 10:00; D 03 18:00; C 03 22:00; A 03 23:00",
    ),
    "14 a swap of the rest of a turn": (
        Rota((WEEKLY,), swaps=(TURN_0,)), "2026-11-02 08:00", "2026-11-16 08:00", "A 04 08:00; C 09 08:00; B 16 08:00",
    ),
    "15 the same after the hand-off moved": (
        Rota((replace(WEEKLY, handoff=600),), swaps=(TURN_0,)), "2026-11-02 09:00", "2026-11-16 09:00",
        "A 04 08:00; C 09 09:00; B 16 09:00",
    ),
    "16 a swap on a swap": (
        Rota((WEEKLY,), swaps=(TURN_0, Swap(2, 1, 0, C, D, start=utc("2026-11-06 17:00")))),
        "2026-11-02 08:00", "2026-11-16 08:00", "A 04 08:00; C 06 17:00; D 09 08:00; B 16 08:00",
    ),
    "17a B away, D below": (
        Rota((daily(), BELOW), away=(Away(B, utc("2026-11-03 00:00"), utc("2026-11-05 00:00")),)),
        "2026-11-03 08:00", "2026-11-05 08:00", "D 04 08:00; C 05 08:00",
    ),
    "17b A away, none below": (
        Rota((WEEKLY,), away=(Away(A, utc("2026-11-04 08:00"), utc("2026-11-05 08:00")),)),
        "2026-11-02 08:00", "2026-11-09 08:00", "A 04 08:00; - 05 08:00; A 09 08:00",
    ),
    "18 Lord Howe": (
        Rota((daily(anchor=date(2027, 4, 2), people="AB", zone=ZoneInfo("Australia/Lord_Howe")),)),
        "2027-04-02 22:00", "2027-04-04 22:30", "B 03 22:30; A 04 22:30",
    ),
    "19 after the sun": (
        SUN, "2027-03-13 17:00", "2027-03-15 02:00",
        "B 14 01:00; - 14 02:00; C 14 09:00; A 14 17:00; B 15 00:00; - 15 02:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_example(name: str) -> None:
    rota, begin, end, expected = GOLDEN[name]
    assert read(rota, begin, end) == expected


# Where clocks are set, and how: an hour, half of one, at midnight, in the south, on other dates, not at all.
ZONES = (
    "Europe/Berlin", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut",
    "Pacific/Auckland", "Africa/Cairo", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "UTC",
)  # fmt: skip
SETS = (
    date(2026, 10, 24),
    date(2026, 10, 31),
    date(2027, 3, 13),
    date(2027, 3, 27),
    date(2027, 4, 3),
    date(2026, 9, 5),
)


def drawn(random: Random, zone: ZoneInfo, around: date) -> Rota:
    """A schedule of one to three layers with restrictions, overrides, swaps and people who are away or left."""
    noon = datetime(around.year, around.month, around.day, 12, tzinfo=UTC)

    def some_time() -> datetime:
        return noon + timedelta(minutes=15 * random.randrange(-300, 300))

    def some_layer(rank: int) -> Layer:
        unit = random.choice(list(Unit))
        length = random.choice((1, 2, 3, 5, 8, 10, 12)) if unit is Unit.HOURS else random.choice((1, 2, 3))
        stretches = tuple(
            Stretch(start, (start + 15 * random.randrange(1, 400)) % 10080)
            for start in (15 * random.randrange(672) for _ in range(random.choice((0, 0, 1, 3, 7))))
        )
        drifts = unit is Unit.HOURS and 24 % length
        return Layer(
            rank, rank, zone, unit, length, around - timedelta(days=random.randrange(25)), 15 * random.randrange(96),
            tuple(tuple(random.sample(range(1, 7), random.choice((0, 1, 1, 1, 2)))) for _ in range(random.randrange(1, 6))),
            Count.CALENDAR if drifts else random.choice(list(Count)), stretches,
            random.choice((None, None, some_time())), random.choice((None, None, some_time())),
        )  # fmt: skip

    def some_span() -> tuple[datetime, datetime]:
        start, end = sorted((some_time(), some_time()))
        return start, end + timedelta(minutes=15)

    layers = tuple(some_layer(rank) for rank in range(1, random.randrange(2, 5)))
    return Rota(
        layers,
        tuple(Override(one, *some_span(), tuple(random.sample(range(1, 7), random.randrange(3)))) for one in range(random.randrange(4))),
        tuple(
            Swap(one, random.randrange(1, 4), random.randrange(30), random.randrange(1, 7), random.randrange(1, 7), random.choice((None, some_time())), random.choice((None, some_time())))
            for one in range(random.choice((0, 3, 40)))
        ),
        tuple(Away(random.randrange(1, 7), some_time(), random.choice((None, noon + timedelta(days=9), noon))) for _ in range(random.randrange(3))),
    )  # fmt: skip


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ZONES)
def test_random_schedules_are_as_a_walk_by_quarter_hours_finds_them(name: str) -> None:
    zone, random = ZoneInfo(name), Random(name)
    for _number in range(5000 if IN_FULL else 12):
        around = random.choice(SETS)
        begin = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(hours=6)
        end = begin + timedelta(days=2, hours=12)
        rota = drawn(random, zone, around)
        shifts = final(rota, begin, end)
        assert [one.start for one in shifts] == [begin, *(one.end for one in shifts[:-1])]
        assert shifts[-1].end == end
        found = iter(shifts)
        now = next(found)
        for at, people in walked(rota, begin, end):
            while now.end <= at:
                now = next(found)
            assert now.people == people, (at, rota)


def test_what_begins_at_a_time_that_is_skipped_begins_as_it_is_over() -> None:
    """01:45 is not shown in London on that day; turns of ten hours are counted from 02:00, which is 01:00 in UTC."""
    layer = Layer(1, 1, ZoneInfo("Europe/London"), Unit.HOURS, 10, date(2027, 3, 28), 105, ((A,), (B,)))
    begin, end = utc("2027-03-28 00:00"), utc("2027-03-28 22:00")
    assert (
        read(Rota((layer,)), "2027-03-28 00:00", "2027-03-28 22:00") == "- 28 01:00; A 28 11:00; B 28 21:00; A 28 22:00"
    )
    named = {who[0] if who else None for at, who in walked(Rota((layer,)), begin, end) if at < utc("2027-03-28 01:00")}
    assert named == {None}
    assert dict(walked(Rota((layer,)), begin, end))[utc("2027-03-28 01:00")] == (A,)


def test_a_deliberate_nobody_is_told_from_a_gap() -> None:
    nobody = Override(7, utc("2026-11-03 10:00"), utc("2026-11-03 12:00"), ())
    shifts = final(Rota((WEEKLY,), (nobody,)), utc("2026-11-03 09:00"), utc("2026-11-03 13:00"))
    assert [(one.people, one.source, one.by) for one in shifts] == [
        ((A,), Source.LAYER, None),
        ((), Source.OVERRIDE, 7),
        ((A,), Source.LAYER, None),
    ]


def test_who_left_is_in_no_override_and_who_is_away_is() -> None:
    override = Override(1, utc("2026-11-03 10:00"), utc("2026-11-03 12:00"), (D,))
    at = utc("2026-11-03 11:00")

    def on_duty(*away: Away) -> Shift:
        return final(Rota((WEEKLY,), (override,), away=away), at, at + timedelta(minutes=1))[0]

    assert on_duty(Away(D, utc("2026-11-01 00:00"), utc("2026-12-01 00:00"))).people == (D,)
    assert on_duty(Away(D, utc("2026-11-01 00:00"))).people == (A,)
