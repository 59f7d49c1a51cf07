"""After a test that commits: what it wrote is deleted, and nothing else is touched.

Django's own way empties every table by TRUNCATE and makes content types and permissions anew, at a third of a second of
CPU each time. Here only tables that hold rows are emptied, by DELETE, in one transaction whose foreign keys look at the
end. Triggers that guard what only grows are off meanwhile: their owner may do that, the application may not
(tests/architecture/test_append_only.py).
"""

from functools import cache
from typing import Any

from django.db import connection
from django.test import TransactionTestCase

_MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}
_GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid = ANY (%s::regclass[])
"""


@cache
def _tables() -> list[str]:
    known = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(known) - _MADE_BY_MIGRATIONS)


def _written(cursor: Any) -> list[str]:
    asked = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {table}) THEN '{table}' END" for table in _tables())
    cursor.execute(f"SELECT array_remove(ARRAY[{asked}], NULL)")
    return list(cursor.fetchone()[0])


def empty() -> None:
    """Delete every row that the application's tables hold; what Headroom brings along is there again afterwards."""
    from catalog.cmdb.operations.seeding import seed as seed_classes
    from catalog.environments.operations.seeding import seed  # models are not loaded when this is
    from incidents.incident.operations.placing import seed as seed_matrix
    from incidents.major.operations import seed as seed_rules
    from itsm.accounts.operations.queues import seed as seed_queues
    from itsm.configuration.models import make_rows
    from itsm.notifications.defaults import make_rows as make_rules

    with connection.cursor() as cursor:
        written = _written(cursor)
        if not written:
            return
        cursor.execute(_GUARDED, [written])
        guarded = [table for (table,) in cursor.fetchall()]
        # Each of the three is a transaction of its own: a table that waits for its checks cannot be altered.
        for statements in (
            [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded],
            [f"DELETE FROM {table}" for table in written],
            [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded],
        ):
            if statements:
                cursor.execute("; ".join(statements))
    seed_queues()
    seed_matrix()
    seed_rules()
    seed_classes()
    seed()  # what Headroom brings along, as after migrating
    make_rows()
    make_rules()


def after_each_test_that_commits() -> None:
    """Let Django empty the tables like this."""
    TransactionTestCase._fixture_teardown = lambda self: empty()  # type: ignore[method-assign]
