"""Promises are kept when they are due: once, again after a failure, visibly given up in the end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from itsm.clocks import due
from itsm.clocks.models import Due
from tests.itsm.at_once import at_once

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def kept(db: None) -> Iterator[list[int]]:
    """Names: `keep` is kept, `fail` fails, `repeat` promises itself again."""
    done: list[int] = []

    def fail(record_id: int, at: datetime) -> None:
        done.append(record_id)
        raise ConnectionError("nobody there")

    def repeat(record_id: int, at: datetime) -> None:
        done.append(record_id)
        due.schedule("repeat", "thing", record_id, at + MINUTE)

    before = dict(due._handlers)
    due.register("keep", lambda record_id, at: done.append(record_id))
    due.register("fail", fail)
    due.register("repeat", repeat)
    yield done
    due._handlers.clear()
    due._handlers.update(before)


@pytest.mark.django_db
def test_sweeping_twice_keeps_once(kept: list[int]) -> None:
    due.schedule("keep", "thing", 1, T0)
    assert due.sweep(T0 - MINUTE) == 0
    assert [due.sweep(T0), due.sweep(T0), due.sweep(T0 + MINUTE)] == [1, 0, 0]
    assert kept == [1]


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_keep_once(kept: list[int]) -> None:
    for number in range(20):
        due.schedule("keep", "thing", number, T0)
    assert sum(at_once(4, lambda: due.sweep(T0))) == 20
    assert sorted(kept) == list(range(20))


@pytest.mark.django_db
def test_a_promise_moves_and_can_be_taken_back(kept: list[int]) -> None:
    due.schedule("keep", "thing", 1, T0)
    due.schedule("keep", "thing", 1, T0 + MINUTE)
    assert due.sweep(T0) == 0
    due.cancel("thing", 1, "keep")
    assert due.sweep(T0 + MINUTE) == 0
    assert not Due.objects.exists()


@pytest.mark.django_db
def test_what_fails_is_put_off_then_given_up(kept: list[int]) -> None:
    due.schedule("fail", "thing", 1, T0)
    at = T0
    for attempt in range(1, due.ATTEMPTS + 1):
        assert due.sweep(at) == 0
        row = Due.objects.get()
        assert (row.attempts, row.at - at) == (attempt, timedelta(seconds=10 * 2**attempt))
        assert due.sweep(at) == 0
        at = row.at
    assert Due.objects.get().given_up_at
    assert Due.objects.get().last_error == "ConnectionError: nobody there"
    assert due.sweep(at + timedelta(days=9)) == 0
    assert len(kept) == due.ATTEMPTS


@pytest.mark.django_db
def test_nothing_is_given_up_because_the_database_went_away(kept: list[int]) -> None:
    def gone(record_id: int, at: datetime) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    due.register("gone", gone)
    due.schedule("gone", "thing", 1, T0)
    at = T0
    for _ in range(due.ATTEMPTS + 3):
        assert due.sweep(at) == 0
        at = Due.objects.get().at
    row = Due.objects.get()
    assert (row.given_up_at, row.attempts) == (None, due.ATTEMPTS + 3)
    due.register("gone", lambda record_id, at: kept.append(record_id))
    assert due.sweep(at) == 1


@pytest.mark.django_db
def test_a_new_promise_begins_anew_after_one_was_given_up(kept: list[int]) -> None:
    Due.objects.create(name="keep", record_kind="thing", record_id=1, at=T0, given_up_at=T0)
    due.schedule("keep", "thing", 1, T0)
    assert due.sweep(T0) == 1


@pytest.mark.django_db
def test_keeping_a_promise_may_make_the_next(kept: list[int]) -> None:
    due.schedule("repeat", "thing", 1, T0)
    assert [due.sweep(T0), due.sweep(T0), due.sweep(T0 + MINUTE)] == [1, 0, 1]


@pytest.mark.django_db
def test_names_that_nobody_knows_do_not_crowd_out_the_others(kept: list[int]) -> None:
    for number in range(5):
        due.schedule("from another version", "thing", number, T0 - MINUTE)
    due.schedule("keep", "thing", 1, T0)
    assert due.sweep(T0, limit=3) == 1
    assert Due.objects.filter(done_at=None, attempts=0).count() == 5


@pytest.mark.django_db
def test_one_promise_takes_the_place_of_others() -> None:
    """Of the named ones alone, of this record alone; twice is once, at the later instant."""
    for name, record in (("old", 1), ("older", 1), ("other", 1), ("old", 2)):
        due.schedule(name, "thing", record, T0)
    due.schedule_instead("new", "thing", 1, T0 + MINUTE, of=("old", "older"))
    due.schedule_instead("new", "thing", 1, T0 + 2 * MINUTE, of=("old", "older"))
    left = Due.objects.order_by("record_id", "name").values_list("record_id", "name", "at")
    assert list(left) == [(1, "new", T0 + 2 * MINUTE), (1, "other", T0), (2, "old", T0)]
