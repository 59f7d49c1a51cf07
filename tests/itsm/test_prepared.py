"""Prepared statements: planned once per connection, the same answer as the plain text, and nothing lost on the way."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction

from itsm.prepared import InOrder, Prepared, run_together

pytestmark = pytest.mark.django_db
SUM = Prepared(
    "sum_of_what_is_like",
    "SELECT sum(n), 10 %% 3, %(again)s::interval FROM unnest(%(numbers)s) n WHERE n > %(above)s OR %(again)s IS NULL",
    numbers="int[]",
    again="interval",
)
GIVEN = {"numbers": [1, 5, 7], "above": 4, "again": timedelta(hours=1), "unused": object}


def answer(statement: Prepared = SUM, given: dict[str, Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        statement.run(cursor, given or GIVEN)
        return cursor.fetchone()


def answer_of_the_last() -> Any:
    with connection.cursor() as cursor:
        run_together(cursor, [Prepared("the_first", "SELECT 1"), SUM], GIVEN)
        return cursor.fetchone()


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name = %s", [SUM.name])
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Each test on a connection that has prepared nothing, however it was left."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    vars(connections["default"]).pop("_prepared_on", None)


@pytest.mark.parametrize("on", [True, False])
def test_the_answer_is_that_of_the_text(settings: Any, on: bool) -> None:
    settings.PREPARED_STATEMENTS = on
    assert [answer() for _ in range(7)] == [(12, 1, timedelta(hours=1))] * 7
    assert prepared() == [SUM.name] * on


def test_what_was_prepared_outlives_a_rollback() -> None:
    with transaction.atomic():
        answer()
        transaction.set_rollback(True)
    assert answer() == (12, 1, timedelta(hours=1))
    assert prepared() == [SUM.name]


def test_a_statement_that_cannot_be_prepared_says_so_each_time() -> None:
    wrong = Prepared("wrong", "SELECT no_such_column FROM accounts_user")
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="no_such_column"), transaction.atomic():
            answer(wrong)
    assert answer() == (12, 1, timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_prepares_anew() -> None:
    answer()
    connection.close()
    assert prepared() == []
    assert answer() == (12, 1, timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_what_the_database_takes_for_no_longer_good_is_prepared_anew() -> None:
    sizes = Prepared("sizes_of_a_test", "SELECT size, %(added)s::int FROM sizes")

    def made_wider(signs: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE sizes ALTER size TYPE varchar({signs})")

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE sizes AS SELECT 'M'::varchar(2) AS size")
    for signs in (3, 4):
        assert answer(sizes, {"added": signs}) == ("M", signs)
        made_wider(signs)
    assert answer(sizes, {"added": 5}) == ("M", 5)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert answer() == (12, 1, timedelta(hours=1))
    for ask in (answer, answer_of_the_last):
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
            ask()
        connection.close_if_unusable_or_obsolete()  # as each request begins
        assert ask() == answer() == (12, 1, timedelta(hours=1))


def test_a_name_tells_its_text() -> None:
    """Processes whose connections a pooler mixes up never get the answer to another's question."""
    assert Prepared("one_word", "SELECT 1").name != Prepared("one_word", "SELECT 2").name
    assert len(Prepared("w" * 80, "SELECT 1").name) == 63
    with connection.cursor() as cursor:
        for text in ("SELECT %s + 1", "SELECT %s + 2"):
            InOrder(text, [1]).run(cursor, [1])
        cursor.execute("SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'in_order%'")
        names = dict(cursor.fetchall())
    assert len(names) == 2
    shape = next(text.partition(" (")[2] for text in names.values() if text.endswith("+ 2"))
    expected = sha256(f" ({shape}".encode()).hexdigest()[:16]
    assert f"in_order_{expected}" in names
