"""After a test that commits: what it wrote is deleted, and nothing else is touched.

Django's own way empties every table by TRUNCATE and makes content types and permissions anew, at a third of a second of
CPU each time. Here only tables that hold rows are emptied, by DELETE, in one transaction whose foreign keys look at the
end, and the rows that migrating left are laid there again, as they were. Triggers that guard what only grows are off
meanwhile: their owner may do that, the application may not (tests/architecture/test_append_only.py).
"""

from functools import cache
from io import StringIO
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

_MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}
_GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid = ANY (%s::regclass[])
"""

_brought: dict[str, str] = {}  # table -> its rows


@cache
def _tables() -> list[str]:
    known = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(known) - _MADE_BY_MIGRATIONS)


def _written(cursor: Any) -> list[str]:
    asked = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {table}) THEN '{table}' END" for table in _tables())
    cursor.execute(f"SELECT array_remove(ARRAY[{asked}], NULL)")
    return list(cursor.fetchone()[0])


def remember() -> None:
    """What the tables hold now, just migrated, is what Headroom brings along. Called once for each worker."""
    with connection.cursor() as cursor:
        _brought.update({table: _rows(cursor, table) for table in _written(cursor)})


def empty() -> None:
    """Delete every row that the application's tables hold; what Headroom brings along is there again afterwards."""
    with connection.cursor() as cursor:
        written = _written(cursor)
        cursor.execute(_GUARDED, [sorted({*written, *_brought})])
        guarded = [table for (table,) in cursor.fetchall()]
        # Each of the three is a transaction of its own: a table that waits for its checks cannot be altered.
        _send(cursor, [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded])
        with transaction.atomic():
            _send(cursor, [f"DELETE FROM {table}" for table in written])
            for table, rows in _brought.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO(rows))
        _send(cursor, [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded])


def _send(cursor: Any, statements: list[str]) -> None:
    if statements:
        cursor.execute("; ".join(statements))


def _rows(cursor: Any, table: str) -> str:
    """As COPY writes them: its own words for any type, read back without a model."""
    kept = StringIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT", kept)
    return kept.getvalue()


def after_each_test_that_commits() -> None:
    """Let Django empty the tables like this."""
    TransactionTestCase._fixture_teardown = lambda self: empty()  # type: ignore[method-assign]
