"""Stored clocks follow what a record wants: events are appended, rows and due rows are their fold."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from itsm.clocks import calendars, due, operations, owners, recounting
from itsm.clocks.algebra import State
from itsm.clocks.hours_format import days_written, week_written
from itsm.clocks.models import Calendar, CalendarVersion, Clock, ClockEvent, Due
from itsm.clocks.operations import follow
from itsm.clocks.terms import Level, Terms
from itsm.clocks.wanted import Wanted
from tests.itsm.clocks.calendars import BER, HOUR, local

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def ber(text: str) -> datetime:
    return local(BER, text)


@pytest.fixture
def berlin() -> Calendar:
    calendar = Calendar.objects.create(name="Berlin", zone="Europe/Berlin")
    version(calendar, 1, LONG_AGO)
    return calendar


def version(calendar: Calendar, number: int, valid_from: datetime, closed: str = "") -> CalendarVersion:
    days = days_written(BER) + ([{"date": closed, "name": "Strike", "spans": [], "origin": "person"}] if closed else [])
    made = CalendarVersion.objects.create(
        calendar=calendar, number=number, valid_from=valid_from, week=week_written(BER), days=days, at=valid_from,
        by_name="tests",
    )  # fmt: skip
    Calendar.objects.filter(pk=calendar.pk).update(number=number)
    calendar.number = number
    return made


class Told:
    """An owner of things: what it heard."""

    def __init__(self) -> None:
        self.reached: list[tuple[int, str]] = []
        self.due: datetime | None = None

    def owner(self) -> owners.Owner:
        return owners.Owner(
            lock=lambda record_id: True,
            due_moved=lambda record_id, at: setattr(self, "due", at),
            reached=lambda record_id, what: self.reached.append((record_id, what.threshold)),
        )


@pytest.fixture
def told() -> Iterator[Told]:
    heard = Told()
    owners.register("thing", heard.owner())
    yield heard
    owners._owners.pop("thing")


def terms(calendar: Calendar, hours: float = 16, **others: object) -> Terms:
    return replace(calendars.counted_by(calendar.pk, ber("03-02 09:00"), int(hours * HOUR)), **others)  # type: ignore[arg-type]


def wanted(state: State, since: str, held: Terms, began: str = "03-02 09:00", again: str = "continue") -> Wanted:
    return Wanted("resolve", state, ber(began), ber(since), held, "because", "opened", again)


def go(*steps: Wanted) -> Clock:
    for one in steps:
        follow("thing", 7, [one], now=max(one.since, one.began))
    return Clock.objects.latest("pk")


def promised() -> dict[str, datetime]:
    return dict(Due.objects.filter(record_kind="clock", done_at=None).values_list("name", "at"))


def test_a_clock_is_started_once_and_due_by_its_calendar(berlin: Calendar, told: Told) -> None:
    clock = go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)), wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    assert (clock.due_at, clock.counted_s, clock.target_s) == (ber("03-03 17:00"), 0, 16 * HOUR)
    assert clock.events.count() == 1
    assert told.due == ber("03-03 17:00")
    assert promised() == {
        "sla_warn_50": ber("03-02 17:00"), "sla_warn_75": ber("03-03 13:00"),
        "sla_breach": ber("03-04 09:00") + timedelta(seconds=1),
    }  # fmt: skip


def test_a_pause_takes_back_all_that_is_due(berlin: Calendar, told: Told) -> None:
    held = terms(berlin)
    clock = go(wanted(State.RUNNING, "03-02 09:00", held), wanted(State.PAUSED, "03-02 12:00", held))
    assert (clock.state, clock.counted_s, clock.due_at, told.due) == ("paused", 3 * HOUR, None, None)
    assert promised() == {}


def test_a_stop_settles_it_and_reopening_goes_on(berlin: Calendar, told: Told) -> None:
    held = terms(berlin, 8)
    steps = [wanted(State.RUNNING, "03-02 09:00", held), wanted(State.STOPPED, "03-02 13:00", held)]
    assert (go(*steps).outcome, promised()) == ("met", {})
    clock = go(wanted(State.RUNNING, "03-04 10:00", held, "03-04 10:00"))
    assert (clock.cycle, clock.outcome, clock.due_at) == (1, "", ber("03-04 14:00"))


def test_reopening_may_begin_again_and_leaves_the_first_outcome(berlin: Calendar, told: Told) -> None:
    held = terms(berlin, 8)
    clock = go(
        wanted(State.RUNNING, "03-02 09:00", held),
        wanted(State.STOPPED, "03-02 13:00", held),
        wanted(State.RUNNING, "03-04 10:00", held, "03-04 10:00", "restart"),
    )
    assert (clock.cycle, clock.due_at) == (2, ber("03-05 10:00"))
    assert Clock.objects.get(cycle=1).outcome == "met"


def test_reopened_in_the_second_in_which_it_was_resolved(berlin: Calendar, told: Told) -> None:
    held = terms(berlin, 8)
    clock = go(
        wanted(State.RUNNING, "03-02 09:00", held),
        wanted(State.STOPPED, "03-02 13:00", held),
        wanted(State.RUNNING, "03-02 13:00", held, "03-02 13:00"),
    )
    assert (clock.state, clock.due_at) == ("running", ber("03-02 17:00"))


def test_other_terms_make_a_new_target(berlin: Calendar, told: Told) -> None:
    go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    follow("thing", 7, [wanted(State.RUNNING, "03-02 09:00", terms(berlin, 8))], now=ber("03-02 15:00"))
    clock = Clock.objects.get()
    assert (clock.due_at, clock.events.latest("id").happened) == (ber("03-02 17:00"), "retargeted")
    assert promised()["sla_breach"] == ber("03-03 09:00") + timedelta(seconds=1)  # no second of it counts at night


def test_warnings_and_breach_are_told_once(berlin: Calendar, told: Told) -> None:
    go(wanted(State.RUNNING, "03-02 09:00", terms(berlin, levels=(Level(1800, ("lead",)),))))
    for at in ("03-02 16:59", "03-02 17:00", "03-02 17:00", "03-03 13:00", "03-03 17:00", "03-03 17:01", "03-04 09:30"):
        due.sweep(ber(at))
    assert told.reached == [(7, "warn_50"), (7, "warn_75"), (7, "breach"), (7, "level_1")]


def test_what_was_told_is_not_told_again_after_a_pause(berlin: Calendar, told: Told) -> None:
    held = terms(berlin)
    go(wanted(State.RUNNING, "03-02 09:00", held))
    due.sweep(ber("03-02 17:00"))
    go(wanted(State.PAUSED, "03-03 09:00", held), wanted(State.RUNNING, "03-03 11:00", held))
    due.sweep(ber("03-03 11:00"))
    assert told.reached == [(7, "warn_50")]
    assert set(promised()) == {"sla_warn_75", "sla_breach"}


def test_of_what_has_passed_the_gravest_alone_is_told(berlin: Calendar, told: Told) -> None:
    go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    follow("thing", 7, [wanted(State.RUNNING, "03-02 09:00", terms(berlin, 8))], now=ber("03-02 16:00"))
    due.sweep(ber("03-02 16:00"))
    assert told.reached == [(7, "warn_75")]


def test_a_warning_that_was_moved_while_it_waited_is_not_told(berlin: Calendar, told: Told) -> None:
    clock = go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    from itsm.clocks.thresholds import act

    act("warn_50", clock.pk, ber("03-02 16:59"))
    assert told.reached == []
    go(wanted(State.PAUSED, "03-02 17:00", terms(berlin)))
    act("warn_50", clock.pk, ber("03-02 17:30"))
    assert told.reached == []


def test_merging_voids_stopped_clocks_too(berlin: Calendar, told: Told) -> None:
    held = terms(berlin)
    go(wanted(State.RUNNING, "03-02 09:00", held), wanted(State.STOPPED, "03-02 12:00", held))
    operations.void("thing", 7, at=ber("03-02 13:00"), why="merged", now=ber("03-02 13:00"))
    operations.void("thing", 7, at=ber("03-02 13:00"), why="merged", now=ber("03-02 13:00"))
    clock = Clock.objects.get()
    assert (clock.state, clock.outcome, clock.events.count()) == ("void", "", 3)


def test_an_edited_calendar_counts_anew_from_then_on_and_settled_ones_stay(berlin: Calendar, told: Told) -> None:
    held = terms(berlin)
    go(wanted(State.RUNNING, "03-02 09:00", held))
    done = Wanted("resolve", State.STOPPED, ber("03-02 09:00"), ber("03-04 12:00"), held)
    follow("thing", 8, [done], now=ber("03-04 12:00"))
    settled = ClockEvent.objects.filter(clock__record_id=8).count()
    version(berlin, 2, ber("03-02 11:00"), "2026-03-03")
    recounting.schedule(berlin, ber("03-02 11:00"))
    due.sweep(ber("03-02 11:00"))
    due.sweep(ber("03-02 11:00"))
    assert Clock.objects.get(record_id=7).due_at == ber("03-04 17:00")
    assert told.due == ber("03-04 17:00")
    other = Clock.objects.get(record_id=8)
    assert (other.outcome, other.late_s, other.events.count()) == ("breached", 3 * HOUR, settled)


def test_a_record_that_is_touched_before_the_recount_counts_by_the_new_hours_from_their_instant(
    berlin: Calendar, told: Told
) -> None:
    go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    version(berlin, 2, ber("03-02 11:00"), "2026-03-03")
    newer = calendars.counted_by(berlin.pk, ber("03-04 10:00"), 16 * HOUR)
    follow("thing", 7, [wanted(State.RUNNING, "03-02 09:00", newer)], now=ber("03-04 10:00"))
    clock = Clock.objects.get()
    assert (clock.due_at, clock.counted_s) == (ber("03-04 17:00"), 2 * HOUR)  # up to the recount
    assert list(clock.events.values_list("happened", flat=True)) == ["started", "recounted"]
    assert operations.recount(berlin, now=ber("03-04 10:00")) == 0


def test_cancelled_before_it_began_makes_no_clock(told: Told, berlin: Calendar) -> None:
    follow("thing", 7, [wanted(State.VOID, "03-02 12:00", terms(berlin))], now=ber("03-02 12:00"))
    assert not Clock.objects.exists()


def verify(*options: str) -> tuple[int, list[dict[str, object]]]:
    out = io.StringIO()
    try:
        call_command("clocks", "verify", *options, stdout=out)
        failed = 0
    except CommandError:
        failed = 1
    return failed, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE clocks_clock SET counted_s = 5",
        "UPDATE clocks_clock SET due_at = due_at + interval '1 minute'",
        "UPDATE clocks_clock SET terms = terms || '{\"target_s\": 3600}'",
        "UPDATE clocks_due SET at = at + interval '1 minute'",
        "DELETE FROM clocks_due",
    ],
)
def test_verify_finds_a_fault_and_repairs_it_once(berlin: Calendar, told: Told, fault: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    held = terms(berlin)
    follow("thing", 7, [Wanted("resolve", State.RUNNING, now, now, held)], now=now)
    assert verify() == (0, [{"clocks": 1, "faults": 0, "repaired": 0, "settled_otherwise": 0}])
    with connection.cursor() as cursor:
        cursor.execute(fault)
    assert verify()[0] == 1
    failed, said = verify("--repair")
    assert (failed, said[-1]) == (0, {"clocks": 1, "faults": 1, "repaired": 1, "settled_otherwise": 0})
    assert verify("--repair") == (0, [{"clocks": 1, "faults": 0, "repaired": 0, "settled_otherwise": 0}])
    assert told.due == Clock.objects.get().due_at


def test_verify_passes_over_imported_clocks() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    Clock.objects.create(
        record_kind="thing", record_id=1, name="resolve", state="stopped", outcome="met", outcome_at=at
    )
    assert verify() == (0, [{"clocks": 1, "faults": 0, "repaired": 0, "settled_otherwise": 0}])


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE clocks_clock SET running_since = NULL",
        "UPDATE clocks_clock SET outcome = 'met'",
        "UPDATE clocks_clock SET target_s = 0",
        "UPDATE clocks_clock SET state = 'asleep'",
        "UPDATE clocks_clock SET target_s = NULL",
        "INSERT INTO clocks_clockevent (clock_id, happened, at, noted_at, why) SELECT id, 'retargeted', now(), now(), '' FROM clocks_clock",
        "UPDATE clocks_clockevent SET at = now()",
        "UPDATE clocks_calendarversion SET week = '{}'",
    ],
)
def test_the_database_refuses_what_no_clock_can_be(berlin: Calendar, told: Told, fault: str) -> None:
    go(wanted(State.RUNNING, "03-02 09:00", terms(berlin)))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(fault)
