"""A clock that stands still until it is told otherwise, for Python and for what the history is dated by."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

_CLOCK = """
CREATE SCHEMA IF NOT EXISTS frozen;
CREATE OR REPLACE FUNCTION frozen.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
  AS 'SELECT current_setting(''frozen.now'')::timestamptz';
CREATE OR REPLACE FUNCTION frozen.now() RETURNS timestamptz LANGUAGE sql STABLE
  AS 'SELECT current_setting(''frozen.now'')::timestamptz';
"""

Clock = Callable[[datetime], None]


def freeze(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the time of both, until the test's transaction ends: names without a schema are looked up in `frozen` first."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOCK)
        cursor.execute("SELECT current_setting('search_path')")
        path = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL search_path = frozen, {path}, pg_catalog")

    def at(instant: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: instant)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('frozen.now', %s, true)", [instant.isoformat()])

    return at
