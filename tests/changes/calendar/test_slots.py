"""Free slots against the golden of the specification, and against a look at every quarter of an hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from changes.calendar.rules.slots import GRID, Busy, Slot, Span, free_slots, rounded_up
from tests.slo.proving import examples

DAY = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def busy(begin: str, end: str, name: str) -> Busy:
    return Busy(at(begin), at(end), "window", name)


GOLDEN = [busy("10:00", "11:20", "blackout"), busy("12:00", "13:00", "change"), busy("15:00", "18:00", "freeze")]


def test_the_golden_day() -> None:
    horizon = at("10:07") + timedelta(days=90)
    found = free_slots(at("10:07"), HOUR, GOLDEN, horizon=horizon)
    assert found.slots == (Slot(at("13:00"), at("15:00")), Slot(at("18:00"), horizon))
    assert [(one.start, one.by.name) for one in found.blocked_by] == [
        (at("10:15"), "blackout"),
        (at("11:30"), "change"),
    ]


def test_a_start_that_another_ends_in_the_middle_of_is_named_for_what_goes_on() -> None:
    found = free_slots(
        at("10:00"), HOUR, [busy("09:00", "12:00", "long"), busy("10:00", "10:30", "short")], horizon=at("23:00")
    )
    assert [(one.start, one.by.name) for one in found.blocked_by] == [(at("10:00"), "long"), (at("10:30"), "long")]


def test_a_demanded_maintenance_is_kept() -> None:
    spans = [Span(at("14:00"), at("15:30")), Span(at("15:30"), at("16:00")), Span(at("20:00"), at("20:30"))]
    found = free_slots(at("10:07"), HOUR, GOLDEN[:2], spans, horizon=DAY + timedelta(days=9))
    assert found.slots == (Slot(at("14:00"), at("16:00")),)
    assert found.blocked_by[0].by is None
    assert found.blocked_by[-1].start == at("20:00")  # too short


def test_of_ten_thousand_times_each_is_looked_at_once() -> None:
    many = [Busy(DAY + HOUR * n, DAY + HOUR * (n + 1) - timedelta(minutes=1), "window", str(n)) for n in range(10_000)]
    found = free_slots(DAY, HOUR, many, horizon=DAY + HOUR * 9_000)
    assert found.slots == ()
    assert len(found.blocked_by) == 50


def test_nothing_in_the_way_is_now() -> None:
    assert free_slots(at("10:07"), HOUR, [], horizon=at("20:00")).slots == (Slot(at("10:15"), at("20:00")),)
    assert rounded_up(at("10:15")) == at("10:15")


_minutes = st.integers(0, 1440)
_spans = st.lists(st.tuples(_minutes, st.integers(1, 240)), max_size=7).map(
    lambda each: [(DAY + timedelta(minutes=begin), DAY + timedelta(minutes=begin + length)) for begin, length in each]
)


@settings(max_examples=examples(150), deadline=None)
@given(now=_minutes, lasts=st.sampled_from([15, 50, 60, 180]), taken=_spans, kept=st.none() | _spans)
def test_every_slot_is_free_and_no_earlier_quarter_is(now, lasts, taken, kept) -> None:
    begin, length, horizon = DAY + timedelta(minutes=now), timedelta(minutes=lasts), DAY + timedelta(days=2)

    def free(start: datetime) -> bool:
        minutes = [start + timedelta(minutes=n) for n in range(lasts)]
        meets = any(a <= one < b for one in minutes for a, b in taken)
        held = kept is None or all(any(a <= one < b for a, b in kept) for one in minutes)
        return held and not meets and start + length <= horizon

    found = free_slots(
        begin, length, [Busy(*one, "window", "x") for one in taken], None if kept is None else [Span(*one) for one in kept],
        horizon=horizon,
    ).slots  # fmt: skip
    assert all(free(slot.start) for slot in found)
    assert [one.start for one in found] == sorted({one.start for one in found})
    quarter = rounded_up(begin)
    first = None
    while quarter < horizon and first is None:
        first, quarter = (quarter if free(quarter) else None), quarter + GRID
    # Starts are looked for only where something ends or a window begins, rounded up: none is earlier than the first.
    assert (found[0].start if found else None) == first
