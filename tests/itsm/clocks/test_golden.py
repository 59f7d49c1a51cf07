"""The 35 golden clocks of the specification: each case with its result, in local time of 2026."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from itsm.clocks.algebra import Basis, Event, Happened, Outcome, Reading, State, fold
from itsm.clocks.hours import Day, Hours, Span
from tests.itsm.clocks.calendars import ALL, BER, HOUR, KOL, LHI, NIG, NYC, SPL, clock, local, retargeted, weekly

HOLIDAY_TUESDAY = replace(BER, days={**BER.days, date(2026, 3, 3): Day((), "Strike")}, _known={})


def due(hours: Hours, target: float, started: str, fold: int = 0) -> datetime | None:
    return clock(hours, target, ("started", local(hours, started, fold))).due_at


def warned(percent: int) -> datetime | None:
    reading = clock(SPL, 4, ("started", local(SPL, "03-02 17:00")))
    return reading.when(4 * HOUR * percent // 100)


def open_hours(hours: Hours, begin: str, end: str) -> float:
    return hours.counted(local(hours, begin), local(hours, end)) / HOUR


def ber(text: str) -> datetime:
    return local(BER, text)


def moved(*events: Any, target: float = 16) -> Reading:
    return clock(BER, target, ("started", ber("03-02 09:00")), *events)


def restarted() -> datetime | None:
    """The next cycle."""
    return due(BER, 8, "03-04 10:00")


def recounted() -> tuple[datetime | None, datetime | None]:
    begun = Event(Happened.STARTED, ber("03-02 09:00"), Basis(BER, 16 * HOUR, 1))
    edit = Event(Happened.RECOUNTED, ber("03-02 11:00"), Basis(HOLIDAY_TUESDAY, None, 1))
    return fold([begun]).due_at, fold([begun, edit]).due_at


def outcome(stopped: datetime) -> tuple[Outcome | None, int]:
    read = moved(("stopped", stopped), target=4)
    return read.outcome, read.late_s


def u(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


NIGHTS = weekly("Europe/Berlin", {"sat": ["22-24"], "sun": ["00-06"]})
EARLY = weekly("Europe/Berlin", {"sun": ["01:00-02:30"]})
GAP = weekly("Europe/Berlin", {"sun": ["02:10-02:50"]})
SUNDAYS = weekly("Europe/Berlin", {"sun": ["02:30-05:00"]})
Case = Callable[[], Any]

GOLDEN: list[tuple[str, Case, Any]] = [
    ("1 afternoon", lambda: due(BER, 4, "03-02 10:00"), ber("03-02 14:00")),
    ("1 over night", lambda: due(BER, 4, "03-02 16:00"), ber("03-03 12:00")),
    ("1 at the close", lambda: due(BER, 4, "03-02 17:00"), ber("03-03 13:00")),
    ("2 a whole day ends at its close", lambda: due(BER, 8, "03-02 09:00"), ber("03-02 17:00")),
    ("3 opened on a Saturday night", lambda: due(BER, 1, "03-07 03:00"), ber("03-09 10:00")),
    ("4 over Easter", lambda: due(BER, 16, "04-02 13:00"), ber("04-08 13:00")),
    ("5 a short day", lambda: due(BER, 2, "12-24 11:00"), ber("12-28 10:00")),
    ("6 over noon", lambda: due(SPL, 6, "03-02 11:00"), local(SPL, "03-03 08:30")),
    ("7 into Saturday", lambda: due(SPL, 4, "03-06 16:00"), local(SPL, "03-07 11:30")),
    ("8 half", lambda: warned(50), local(SPL, "03-03 09:30")),
    ("8 three quarters", lambda: warned(75), local(SPL, "03-03 10:30")),
    ("8 due", lambda: warned(100), local(SPL, "03-03 11:30")),
    ("9 a day of 23 hours", lambda: due(ALL, 24, "03-28 12:00"), u("03-29T11:00")),
    ("10 a day of 25 hours", lambda: due(ALL, 24, "10-24 12:00"), u("10-25T10:00")),
    ("11 a night of 7 hours", lambda: due(NIG, 3, "03-29 00:30"), u("03-29T02:30")),
    ("12 a night of 9 hours", lambda: due(NIG, 3, "10-25 00:30"), u("10-25T01:30")),
    ("13 from the first 02:15", lambda: due(NIG, 1, "10-25 02:15"), u("10-25T01:15")),
    ("13 from the second 02:15", lambda: due(NIG, 1, "10-25 02:15", 1), u("10-25T02:15")),
    ("14 March", lambda: open_hours(NIGHTS, "03-28 12:00", "03-29 12:00"), 7),
    ("14 October", lambda: open_hours(NIGHTS, "10-24 12:00", "10-25 12:00"), 9),
    ("15 an edge that is read twice", lambda: open_hours(EARLY, "10-25 00:00", "10-25 12:00"), 2.5),
    ("15 a span that is never read", lambda: open_hours(GAP, "03-29 00:00", "03-29 12:00"), 0),
    ("16 an edge that is never read", lambda: due(SUNDAYS, 2.5, "03-28 12:00"), u("04-05T01:00")),
    ("17 half an hour forward", lambda: due(LHI, 3, "10-04 00:30"), local(LHI, "10-04 04:00")),
    ("17 half an hour back", lambda: due(LHI, 3, "04-05 00:30"), local(LHI, "04-05 03:00")),
    ("18 New York", lambda: due(NYC, 10, "03-06 15:00"), u("03-09T17:00")),
    (
        "19 a pause over night",
        lambda: (
            clock(
                BER, 8, ("started", ber("03-02 10:00")), ("paused", ber("03-02 15:00")), ("resumed", ber("03-03 11:00"))
            ).due_at
        ),
        ber("03-03 14:00"),
    ),
    (
        "20 a pause over midnight",
        lambda: (
            clock(
                NIG, 4, ("started", ber("03-02 22:30")), ("paused", ber("03-02 23:30")), ("resumed", ber("03-03 00:45"))
            ).due_at
        ),
        ber("03-03 03:45"),
    ),
    (
        "21 a pause while closed",
        lambda: (
            clock(
                BER, 4, ("started", ber("03-06 15:00")), ("paused", ber("03-06 18:00")), ("resumed", ber("03-08 12:00"))
            ).due_at
        ),
        ber("03-09 11:00"),
    ),
    (
        "22 a pause over a holiday",
        lambda: (
            clock(
                BER, 8, ("started", ber("04-30 16:00")), ("paused", ber("04-30 16:30")), ("resumed", ber("05-04 10:00"))
            ).due_at
        ),
        ber("05-05 09:30"),
    ),
    (
        "23 a pause in a pause",
        lambda: (
            moved(
                ("paused", ber("03-02 10:00")),
                ("paused", ber("03-02 12:00")),
                ("resumed", ber("03-02 14:00")),
                target=4,
            ).due_at
        ),
        ber("03-02 17:00"),
    ),
    ("24 less time", lambda: moved(retargeted(ber("03-02 15:00"), BER, 8)).due_at, ber("03-02 17:00")),
    (
        "25 less than was used",
        lambda: (lambda read: (read.due_at, read.by_change, read.counted_s))(
            moved(retargeted(ber("03-03 12:00"), BER, 4))
        ),
        (ber("03-03 12:00"), True, 11 * HOUR),
    ),
    ("26 another calendar", lambda: moved(retargeted(ber("03-02 15:00"), ALL, 12)).due_at, ber("03-02 21:00")),
    (
        "27 more time after a pause",
        lambda: (
            moved(
                ("paused", ber("03-02 11:00")),
                ("resumed", ber("03-02 13:00")),
                retargeted(ber("03-02 14:00"), BER, 16),
                target=8,
            ).due_at
        ),
        ber("03-04 11:00"),
    ),
    (
        "28 less time while paused",
        lambda: (
            moved(
                ("paused", ber("03-02 12:00")), retargeted(ber("03-03 10:00"), BER, 4), ("resumed", ber("03-03 15:00"))
            ).due_at
        ),
        ber("03-03 16:00"),
    ),
    (
        "29 New York hands over to Kolkata",
        lambda: (
            clock(NYC, 10, ("started", local(NYC, "03-06 15:00")), retargeted(local(NYC, "03-06 19:00"), KOL, 8)).due_at
        ),
        u("03-07T08:00"),
    ),
    (
        "30 reopened, it goes on",
        lambda: moved(("stopped", ber("03-02 13:00")), ("resumed", ber("03-04 10:00")), target=8).due_at,
        ber("03-04 14:00"),
    ),
    ("30 reopened, it begins again", restarted, ber("03-05 10:00")),
    ("31 update, due", lambda: due(BER, 2, "03-02 10:00"), ber("03-02 12:00")),
    (
        "31 update, used",
        lambda: clock(BER, 2, ("started", ber("03-02 10:00")), ("stopped", ber("03-02 11:30"))).counted_s / HOUR,
        1.5,
    ),
    (
        "31 update over the weekend",
        lambda: clock(BER, 2, ("started", ber("03-06 16:30")), ("stopped", ber("03-09 09:20"))).counted_s / 60,
        50,
    ),
    ("32 at the very second", lambda: outcome(ber("03-02 13:00")), (Outcome.MET, 0)),
    ("32 a second later", lambda: outcome(ber("03-02 13:00") + timedelta(seconds=1)), (Outcome.BREACHED, 1)),
    (
        "33 lateness counts by the calendar",
        lambda: clock(BER, 7.75, ("started", ber("03-02 09:00")), ("stopped", ber("03-03 09:30"))).late_s / 60,
        45,
    ),
    ("34 a day becomes a holiday", recounted, (ber("03-03 17:00"), ber("03-04 17:00"))),
    ("35 closing after Easter", lambda: BER.end_of_working_day(ber("04-02 11:00"), 3), ber("04-09 17:00")),
    ("35 closing from a Saturday", lambda: BER.end_of_working_day(ber("03-07 11:00"), 3), ber("03-11 17:00")),
    ("35 closing over Christmas", lambda: BER.end_of_working_day(ber("12-23 11:00"), 3), ber("12-29 17:00")),
]


@pytest.mark.parametrize(
    ("case", "expected"), [pytest.param(case, expected, id=name) for name, case, expected in GOLDEN]
)
def test_the_golden_clocks_show_what_the_specification_says(case: Case, expected: Any) -> None:
    assert case() == expected


def test_all_35_rows_are_here() -> None:
    assert {int(name.split()[0]) for name, _, _ in GOLDEN} == set(range(1, 36))


def test_a_paused_clock_has_no_due() -> None:
    assert moved(("paused", ber("03-02 12:00"))).due_at is None


def test_what_was_late_before_a_change_is_nobodys_change() -> None:
    read = moved(retargeted(ber("03-03 12:00"), BER, 4), ("stopped", ber("03-03 13:00")), target=8)
    assert (read.outcome, read.by_change, read.due_at, read.late_s) == (Outcome.BREACHED, False, None, 4 * HOUR)


def test_more_time_heals_a_breach_or_makes_it_smaller() -> None:
    late = retargeted(ber("03-03 12:00"), BER, 10)
    assert moved(late, target=8).due_at == ber("03-03 11:00")
    assert moved(retargeted(ber("03-03 12:00"), BER, 16), target=8).due_at == ber("03-03 17:00")


def test_a_change_breaches_although_it_is_stopped_in_that_very_second() -> None:
    read = moved(retargeted(ber("03-03 12:00"), BER, 4), ("stopped", ber("03-03 12:00")))
    assert (read.outcome, read.by_change, read.late_s) == (Outcome.BREACHED, True, 0)


def test_a_change_while_paused_breaches_too() -> None:
    read = moved(
        ("paused", ber("03-02 15:00")), retargeted(ber("03-03 10:00"), BER, 4), ("stopped", ber("03-03 11:00"))
    )
    assert (read.outcome, read.by_change, read.late_s) == (Outcome.BREACHED, True, 0)


def test_stopped_while_paused_is_met_where_time_was_left() -> None:
    read = moved(("paused", ber("03-02 12:00")), ("stopped", ber("03-20 12:00")))
    assert (read.state, read.outcome, read.counted_s) == (State.STOPPED, Outcome.MET, 3 * HOUR)


def test_a_new_target_leaves_a_settled_outcome_alone() -> None:
    read = moved(("stopped", ber("03-02 12:00")), retargeted(ber("03-02 13:00"), BER, 1))
    assert (read.outcome, read.late_s, read.by_change, read.target_s) == (Outcome.MET, 0, False, 16 * HOUR)


def test_touching_spans_join_over_midnight() -> None:
    assert NIG.opened(ber("03-02 20:00"), ber("03-03 12:00")) == [(ber("03-02 22:00"), ber("03-03 06:00"))]


def test_a_day_ends_once_where_midnight_is_read_twice() -> None:
    evenings = weekly("America/Havana", {"sat": ["22-24"]})  # clocks go back from 01:00 to 00:00 on Sunday 1 November
    assert open_hours(evenings, "10-31 12:00", "11-01 12:00") == 2


def test_what_is_never_open_is_never_due() -> None:
    once = Hours(BER.zone, ((),) * 7, {date(2026, 3, 2): Day((Span(540, 1020),))})
    assert clock(once, 8, ("started", ber("03-02 09:00"))).due_at == ber("03-02 17:00")
    assert clock(once, 9, ("started", ber("03-02 09:00"))).due_at is None


def test_a_level_lies_in_counted_time_after_the_due() -> None:
    read = clock(BER, 7.75, ("started", ber("03-02 09:00")))
    assert read.late_by(30 * 60) == ber("03-03 09:15")


def test_a_recount_from_the_past_reaches_what_was_paused_since() -> None:
    begun = Event(Happened.STARTED, ber("03-02 09:00"), Basis(BER, 16 * HOUR, 1))
    paused = [Event(Happened.PAUSED, ber("03-03 12:00")), Event(Happened.RESUMED, ber("03-04 09:00"))]
    edit = Event(Happened.RECOUNTED, ber("03-03 00:00"), Basis(HOLIDAY_TUESDAY, None, 1))
    assert fold([begun, *paused]).counted_s == 11 * HOUR
    assert fold([begun, *paused, edit]).counted_s == 8 * HOUR


def test_a_recount_reaches_what_began_in_that_very_second() -> None:
    begun = Event(Happened.STARTED, ber("03-02 09:00"), Basis(BER, 16 * HOUR, 1))
    edit = Event(Happened.RECOUNTED, ber("03-02 09:00"), Basis(HOLIDAY_TUESDAY, None, 1))
    assert fold([begun, edit]).due_at == ber("03-04 17:00")


def test_a_recount_of_another_calendar_changes_nothing() -> None:
    begun = Event(Happened.STARTED, ber("03-02 09:00"), Basis(BER, 16 * HOUR, 1))
    edit = Event(Happened.RECOUNTED, ber("03-02 11:00"), Basis(HOLIDAY_TUESDAY, None, 2))
    assert fold([begun, edit]).due_at == ber("03-03 17:00")
