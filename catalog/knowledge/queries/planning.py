"""How the database is made to answer questions about texts by their index."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

Given = Mapping[str, Any]


def without_scans(cursor: Any, statement: str, given: Given) -> list[Any]:
    """The rows of a SELECT that reads no table from end to end where an index answers; later statements may again.

    Statistics say that a few rows of the table soon hold enough that fit; each of them costs its whole text.
    """
    cursor.execute(f"SET LOCAL enable_seqscan = off; {statement}", given)
    rows: list[Any] = cursor.fetchall()
    if connection.in_atomic_block:  # without one of somebody's, the two statements were a transaction
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return rows
