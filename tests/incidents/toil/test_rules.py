"""Minutes of toil against a walk minute by minute that shares no code, and what is never shown."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.toil.rules import WEEK, Cause, Work, around, reckoned, union_minutes, week_of, weeks

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def work(person: int, start: int, end: int, service: str = "checkout", cause: Cause = Cause.PAGE) -> Work:
    return Work(person, service, cause, MONDAY + start * MINUTE, MONDAY + end * MINUTE)


@given(st.lists(st.tuples(st.integers(-50, 400), st.integers(-50, 400)), max_size=30))
def test_a_union_is_what_a_walk_by_minutes_counts(spans: list[tuple[int, int]]) -> None:
    walked = sum(any(start <= minute < end for start, end in spans) for minute in range(-60, 410))
    instants = [(MONDAY + start * MINUTE, MONDAY + end * MINUTE) for start, end in spans]
    assert union_minutes(instants) == walked * MINUTE


_WORK = st.builds(
    work, st.integers(1, 6), st.integers(-300, 22_000), st.integers(-300, 22_000),
    st.sampled_from(["checkout", "search", ""]), st.sampled_from(list(Cause)),
)  # fmt: skip


@given(st.lists(_WORK, max_size=40))
def test_totals_and_groups_are_what_a_walk_counts(done: list[Work]) -> None:
    report = reckoned(done, MONDAY, MONDAY + 2 * WEEK)
    total, groups = 0, {}
    for number in range(2):
        first, last = MONDAY + number * WEEK, MONDAY + (number + 1) * WEEK
        busy: dict[tuple[str, str], set[tuple[int, int]]] = {}
        for one in done:
            begins, ends = max(one.start, first), min(one.end, last)
            at = begins
            while at < ends:
                busy.setdefault((one.service, one.cause.value), set()).add((one.person, (at - MONDAY) // MINUTE))
                at += MINUTE
        everything = set().union(*busy.values()) if busy else set()
        if len({person for person, _minute in everything}) < 3:
            continue
        total += len(everything)
        for key, minutes in busy.items():
            groups[key] = groups.get(key, 0) + len(minutes)
    assert (report.total or 0) == total
    for row in report.rows:
        assert row.people >= 3
        assert row.minutes <= groups[row.service, row.cause]


def test_overlaps_of_one_person_count_once_and_of_two_twice() -> None:
    done = [work(1, 0, 15), work(1, 10, 25, cause=Cause.REPEAT), work(2, 0, 15), work(3, 0, 15)]
    assert reckoned(done, MONDAY, MONDAY + WEEK).total == 25 + 15 + 15


@pytest.mark.parametrize("people", [0, 1, 2])
def test_nothing_is_shown_of_fewer_than_three(people: int) -> None:
    report = reckoned([work(one, 0, 60) for one in range(people)], MONDAY, MONDAY + WEEK)
    assert (report.total, report.rows, report.others) == (None, [], None)
    assert report.hidden_weeks == (1 if people else 0)


def test_a_small_group_is_not_to_be_had_by_taking_away() -> None:
    done = [work(person, 0, 30) for person in (1, 2, 3)] + [work(4, 0, 77, service="search")]
    report = reckoned(done, MONDAY, MONDAY + WEEK)
    assert report.rows == [], "else the total less the only row would be the minutes of person 4"
    assert report.others == report.total == 167
    more = [*done, *(work(person, 100, 140, service="search", cause=Cause.REPEAT) for person in (1, 2, 3))]
    report = reckoned(more, MONDAY, MONDAY + WEEK)
    assert [(row.service, row.cause) for row in report.rows] == [("search", "repeat")]
    assert report.others == 167


def test_a_longer_period_tells_no_more_than_its_weeks() -> None:
    first = [work(person, 0, 30) for person in (1, 2, 3)]
    alone = [work(1, 10_080 + 5, 10_080 + 50)]
    short = reckoned([*first, *alone], MONDAY, MONDAY + WEEK)
    long = reckoned([*first, *alone], MONDAY, MONDAY + 2 * WEEK)
    assert long.total == short.total == 90
    assert long.hidden_weeks == 1


def test_weeks_are_whole_ones() -> None:
    wednesday = MONDAY + timedelta(days=2, hours=5)
    assert week_of(wednesday) == MONDAY
    assert weeks(wednesday, MONDAY + WEEK) == [MONDAY]
    assert weeks(wednesday, MONDAY + WEEK + MINUTE) == [MONDAY, MONDAY + WEEK]
    assert weeks(wednesday, MONDAY) == []


def test_an_event_stands_for_its_stated_minutes() -> None:
    one = around(Cause.PAGE, 1, "checkout", MONDAY)
    assert (one.start, one.end) == (MONDAY - 5 * MINUTE, MONDAY + 10 * MINUTE)
