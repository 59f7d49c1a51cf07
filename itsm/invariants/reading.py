"""As whom the auditor asks: a database role that can read and nothing else.

Inside `reading()` whatever asks the database, models as well, asks over the auditor's own connection, in one
transaction that reads only. Where the installation has no such role (a server of one's own where none could be made),
the application's role asks in a session that is switched to reading only, and the page says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

PATIENCE_MS = 60_000  # the longest question of the hour
_own: dict[str, BaseDatabaseWrapper] = {}


def auditor_connection() -> BaseDatabaseWrapper:
    """The auditor's, made once in a process. It answers to the name of the ordinary one, so that models use it."""
    if "auditor" not in _own:
        values: dict[str, Any] = connections[DEFAULT_DB_ALIAS].settings_dict | settings.AUDITOR_DATABASE
        limits = f"-c default_transaction_read_only=on -c statement_timeout={PATIENCE_MS} -c lock_timeout=1000"
        values["OPTIONS"] = {**values["OPTIONS"], "options": f"-c timezone=UTC -c random_page_cost=1.1 {limits}"}
        _own["auditor"] = load_backend(values["ENGINE"]).DatabaseWrapper(values, DEFAULT_DB_ALIAS)
    return _own["auditor"]


@contextmanager
def reading() -> Iterator[None]:
    """Ask as the auditor. What is asked inside sees one state of the database, and can change nothing of it."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = auditor_connection()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def asked_as() -> str:
    """The database role that asks just now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def close() -> None:
    """Begin anew with the next question: after an error nobody knows in what state it is."""
    found = _own.pop("auditor", None)
    if found is not None:
        found.close()
