"""A company that stands: founded once per worker for all tests that ask for `world`, and new for each of them.

It lies in a transaction around the tests' own, which are savepoints then; what a test does is undone with its savepoint.
Tests that want no company come after all that do, and find none. Transactional tests commit, so they found their own
(`tests.api.world.founded`).
"""

import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

if TYPE_CHECKING:
    from tests.api.world import World

WANTED = "world"
_STANDING = pytest.StashKey["Standing"]()


class Standing:
    """The company of this worker, while it stands."""

    def __init__(self, blocker: Any) -> None:
        self._blocker = blocker
        self._around: transaction.Atomic | None = None
        self._written = b""  # reading it takes 4 ms, a deep copy of its objects 16

    def copy(self) -> "World":
        return pickle.loads(self._written)

    def found(self) -> None:
        from tests.api.world import founded

        if self._around is not None:
            return
        with self._blocker.unblock():
            self._around = transaction.atomic()
            self._around.__enter__()
            self._written = pickle.dumps(founded(), pickle.HIGHEST_PROTOCOL)
            connection.check_constraints()  # now: each test would look at all that founding wrote when it ends

    def dissolve(self) -> None:
        if self._around is None:
            return
        with self._blocker.unblock():
            if connection.in_atomic_block:  # else whoever closed the connection has undone it with that
                transaction.set_rollback(True)
                self._around.__exit__(None, None, None)
        self._around, self._written = None, b""


@pytest.fixture(scope="session")
def standing(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Standing]:
    made = Standing(django_db_blocker)
    request.session.stash[_STANDING] = made
    made.found()  # before any test's own transaction
    yield made
    made.dissolve()


@pytest.fixture
def world(standing: Standing, db: None) -> "World":
    """The company of tests/api/world.py as it was founded, with objects of this test's own."""
    return standing.copy()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who was given more time than usual, so that no worker waits for another at the end; then who wants the company."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("timeout") is None,
            not _wants_it(item),
        )
    )


def _wants_it(item: pytest.Item) -> bool:
    return WANTED in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True, specname="pytest_runtest_setup")
def pytest_company_is_gone_in_time(item: pytest.Item) -> None:
    """Before the connection is led to another database (tests/databases.py)."""
    if (made := item.session.stash.get(_STANDING, None)) and not _wants_it(item):
        made.dissolve()


@pytest.hookimpl(specname="pytest_runtest_setup")
def pytest_company_is_there_in_time(item: pytest.Item) -> None:
    """After that, and before the test's own transaction."""
    if (made := item.session.stash.get(_STANDING, None)) and _wants_it(item):
        made.found()
