"""Many cases in one test: what it was given is founded once, and each case is undone before the next.

    @each_of("said", ["", "x", 7])
    def test_odd_words_are_refused(said: object, engineer: User) -> None: ...

as `pytest.mark.parametrize` says it, where a case costs less than its fixtures. All cases are tried, and each that fails
is named. Not for tests that commit, nor where a case changes what the fixtures hold in memory; a case that skips fails,
for the others would be left out with it.
"""

import functools
import inspect
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import pytest
from django.db import connection, transaction

Test = Callable[..., None]
SKIPS = "a case of each_of does not skip: leave it out of the cases, or say pytest.mark.parametrize"


def each_of(
    names: str | tuple[str, ...], cases: Collection[Any], ids: Callable[[Any], str] = repr
) -> Callable[[Test], Test]:
    """One test of all these cases; of several names a case is as many values."""
    given = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    assert cases, f"there is no case of {names}"

    def one(test: Test) -> Test:
        parts = inspect.signature(test)
        wanted = [part for name, part in parts.parameters.items() if name not in given]
        own = [] if "request" in parts.parameters else ["request"]
        wanted += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in own]

        @functools.wraps(test)
        def together(*itself: Any, **fixtures: Any) -> None:
            asked, wrong = {name: value for name, value in fixtures.items() if name not in own}, []
            for case in cases:
                values = dict(zip(given, [case] if len(given) == 1 else case, strict=True))
                try:
                    with _undone(fixtures["request"].node):
                        test(*itself, **asked, **values)
                except pytest.skip.Exception as error:
                    wrong.append(f"{ids(case)}\n{SKIPS}: {error}")
                except (Exception, pytest.fail.Exception) as error:
                    told = "".join(traceback.format_exception(error.with_traceback(_below(error))))
                    wrong.append(f"{ids(case)}\n{told}")
            if wrong:
                pytest.fail(f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong), pytrace=False)

        together.__signature__ = parts.replace(parameters=wanted)  # type: ignore[attr-defined]
        return together

    return one


def _below(error: BaseException) -> TracebackType | None:
    """Where it was raised, without the lines of this file."""
    return error.__traceback__ and error.__traceback__.tb_next


@contextmanager
def _undone(item: Any) -> Iterator[None]:
    """Whatever a case wrote, where the test may write at all."""
    mark = item.get_closest_marker("django_db")
    if mark is None and "db" not in item.fixturenames:
        yield
        return
    if mark and mark.kwargs.get("transaction"):
        pytest.fail("a test that commits has one case: say pytest.mark.parametrize")
    point = transaction.savepoint()
    try:
        yield
    finally:
        connection.set_rollback(False)  # an error of the database that the case expected
        transaction.savepoint_rollback(point)
