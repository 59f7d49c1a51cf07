"""Requests that wait for news: they hold no connection, keep nobody from working, and are told."""

import threading
import time
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from django.db import connection

from itsm.api.waiting import Waiting, seconds_in
from itsm.kernel import places
from itsm.kernel.errors import InvalidInput

PATIENCE = 60.0


class Board:
    """What is known of each key, and how often somebody looked."""

    def __init__(self) -> None:
        self.says: dict[Any, Any] = {}
        self.looks = 0

    def __call__(self, keys: Collection[Any]) -> Mapping[Any, Any]:
        self.looks += 1
        return {key: self.says[key] for key in keys if key in self.says}


def waits(waiting: Waiting, key: str, seen: str, said: list[Any], seconds: float = PATIENCE) -> threading.Thread:
    thread = threading.Thread(target=lambda: said.append((key, waiting.wait(key, seen, seconds))))
    thread.start()
    return thread


def until_they_wait(waiting: Waiting, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(waiting._who) < number:
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection_and_is_told_of_news_of_their_own() -> None:
    board, said, pids = Board(), [], []
    board.says = {"a": "pending", "b": "pending"}
    waiting = Waiting(board)

    def asks() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        said.append(waiting.wait("a", "pending", PATIENCE))

    first, second = threading.Thread(target=asks), waits(waiting, "b", "pending", said, 3.0)
    first.start()
    until_they_wait(waiting, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (%s)", [pids])
        assert cursor.fetchone()[0] == 0
    board.says["a"] = "approved"
    first.join(PATIENCE)
    assert said == [True]
    assert second.is_alive()  # its own has no news
    second.join(PATIENCE)
    assert said == [True, ("b", True)]  # its time is over
    assert board.looks < 40  # together, twice a second


def test_what_is_gone_is_news_and_a_look_that_fails_ends_nothing() -> None:
    said: list[Any] = []

    def look(keys: Collection[Any]) -> Mapping[Any, Any]:
        if not said:
            said.append("failed")
            raise RuntimeError
        return {}

    waiting = Waiting(look)
    assert waiting._look is look
    threads = [waits(waiting, "a", "pending", said)]
    for one in threads:
        one.join(PATIENCE)
    assert said == ["failed", ("a", True)]


def test_where_there_is_no_room_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(places, "_waiting", full)
    board = Board()
    assert Waiting(board).wait("a", "pending", PATIENCE) is False
    assert board.looks == 0


def test_who_waits_leaves_their_place_to_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_working", threading.BoundedSemaphore(1))
    board, said = Board(), []
    board.says = {"a": "pending"}
    waiting = Waiting(board)

    def answers(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["waits"]:
            waiting.wait("a", "pending", PATIENCE)
        said.append(environ["name"])
        return [b""]

    application = places.held_by_each(answers)

    def asked(name: str, *, waits: bool) -> threading.Thread:
        thread = threading.Thread(target=application, args=({"name": name, "waits": waits}, None), daemon=True)
        thread.start()
        return thread

    first = asked("waited", waits=True)
    until_they_wait(waiting, 1)
    asked("worked", waits=False).join(PATIENCE)
    assert said == ["worked"]
    board.says["a"] = "approved"
    first.join(PATIENCE)
    assert said == ["worked", "waited"]
    assert places._working.acquire(blocking=False)  # each place was given back
    assert not places._working.acquire(blocking=False)


@pytest.mark.parametrize("said", ["26", "-1", "x", "", "1.5", "٣", "99999999999999999999"])
def test_nobody_waits_for_longer_than_25_seconds_or_for_nonsense(said: str) -> None:
    with pytest.raises(InvalidInput):
        seconds_in(said)
    assert (seconds_in(None), seconds_in("0"), seconds_in("25")) == (0, 0, 25)
