"""Which process takes a new connection: the one that holds the fewest."""

from array import array
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from itsm.run import sharing
from itsm.run.sharing import SharingWorker

Holding = Callable[[int, int], SharingWorker]


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch) -> Iterator[Holding]:
    """The process of this age, with so many connections; no other one holds any."""
    nobody = array("i", [sharing._NOBODY] * sharing._PLACES)
    monkeypatch.setattr(sharing, "_held", memoryview(nobody))
    made: list[SharingWorker] = []

    def worker(age: int, connections: int) -> SharingWorker:
        made.append(SharingWorker(age, 1, [], None, 30, Config(), None))
        made[-1].nr_conns += connections
        return made[-1]

    yield worker
    for one in made:
        one.tmp.close()


@pytest.fixture
def steps_back(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long somebody stepped back, each time."""
    found: list[float] = []
    monkeypatch.setattr("itsm.run.sharing.time.sleep", found.append)
    monkeypatch.setattr(ThreadWorker, "accept", lambda self, listener: listener.append(self.age))
    return found


def test_who_holds_more_steps_back_for_a_moment_and_then_takes_what_is_left(
    holding: Holding, steps_back: list[float]
) -> None:
    few, many, waiting = holding(1, 1), holding(2, 2), list[Any]()
    few.accept(waiting)
    assert (waiting, steps_back) == ([1], [])
    many.accept(waiting)
    assert (waiting, len(steps_back)) == ([1, 2], 1)
    many.nr_conns -= 1
    many.accept(waiting)
    assert (waiting, len(steps_back)) == ([1, 2, 2], 1)


def test_nobody_steps_back_for_a_process_that_ended(holding: Holding, steps_back: list[float]) -> None:
    ended, left = holding(1, 0), holding(2, 3)
    left.accept([])
    sharing.is_gone(ended)
    left.accept([])
    assert len(steps_back) == 1
