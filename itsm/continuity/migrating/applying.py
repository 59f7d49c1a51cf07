"""Applying migrations while people work: none waits for a lock over a second, and who was not let in tries again.

A statement that waits for a table holds up everybody who comes after it. So it gives up, what it began is rolled back,
and it comes again, until `patience` is over. Each migration is applied by itself: what failed leaves those before it
applied, which the release before can work with (`rules`), and nothing of its own.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from itsm.locks import is_lock_conflict

LOCK_TIMEOUT = "1s"  # below the two seconds that nobody may be held up
PATIENCE = timedelta(minutes=10)  # for one migration
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds
_INVALID = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = current_schema()
"""

Say = Callable[[str], None]


def outstanding() -> list[Migration]:
    """What this version has and the database has not, in order."""
    executor = MigrationExecutor(connection)
    return [one for one, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def is_empty() -> bool:
    """Whether there is no table yet, so that nobody can be held up."""
    return "django_migrations" not in connection.introspection.table_names()


def apply_all(say: Say, patience: timedelta = PATIENCE) -> int:
    """Every outstanding migration, one by one. Returns how many. Raises what the first that failed raised."""
    if is_empty():
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        return 0
    waiting = outstanding()
    for one in waiting:
        _applied(one, say, patience)
    return len(waiting)


def _applied(migration: Migration, say: Say, patience: timedelta) -> None:
    began, pause, name = time.monotonic(), _FIRST_PAUSE, f"{migration.app_label}.{migration.name}"
    while True:
        try:
            _try(migration)
        except OperationalError as error:
            if not is_lock_conflict(error) or time.monotonic() - began > patience.total_seconds():
                raise
            say(f"{name} waits: somebody works on its table; it tries again in {pause:g} s")
            _take_back()
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            say(f"{name} after {time.monotonic() - began:.1f} s")
            return


def _try(migration: Migration) -> None:
    # What commits by itself takes no lock that others wait behind, and waits for those who began before it.
    limit = LOCK_TIMEOUT if migration.atomic else "0"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])
    try:
        call_command("migrate", migration.app_label, migration.name, interactive=False, verbosity=0, skip_checks=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")


def _take_back() -> None:
    """A concurrent index that was given up lies there, invalid, and would be in its own way."""
    with connection.cursor() as cursor:
        cursor.execute(_INVALID)
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
