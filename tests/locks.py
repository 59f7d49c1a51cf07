"""No test locks rows that only grow: in production the application's role may not, and every such statement fails there.

Tests own the tables, so nothing else would notice: each statement that any of them sends is looked at.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.backends.signals import connection_created

from itsm.audit import append_only

_LOCKS = re.compile(
    r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|SHARE|KEY\s+SHARE)\b(?:\s+OF\s+((?:\"?\w+\"?\s*,?\s*)+))?", re.I
)
_TABLES = re.compile(r"\b(?:FROM|JOIN)\s+\"?(\w+)\"?", re.I)
_WHOLE = re.compile(r"\bLOCK\s+TABLE\s+\"?(\w+)\"?", re.I)


@cache
def _kept() -> frozenset[str]:
    return frozenset(append_only.tables())


def locked_by(statement: str) -> set[str]:
    """The tables of which a statement locks rows, or that it locks as a whole."""
    found = set(_WHOLE.findall(statement))
    for lock in _LOCKS.finditer(statement):
        named = {one.strip(' "') for one in (lock[1] or "").split(",")} - {""}
        known = set(_TABLES.findall(_of_the_same_query(statement, lock.start())))
        found |= named & known or (set() if named else known)
    return found


def _of_the_same_query(statement: str, end: int) -> str:
    """What stands before this place in the same query: a query in parentheses inside of it locks nothing, and what
    stands around its own is another one."""
    kept: list[str] = []
    depth = 0
    for sign in reversed(statement[:end]):
        depth += (sign == ")") - (sign == "(")
        if depth < 0:
            break
        if not depth:
            kept.append(sign)
    return "".join(reversed(kept))


def refuse(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """As Django's wrappers of statements are called. Raises AssertionError."""
    if isinstance(sql, str) and ("FOR " in sql or "LOCK TABLE" in sql) and (kept := locked_by(sql) & _kept()):
        raise AssertionError(f"the application may not lock {', '.join(sorted(kept))}, which only grow: {sql[:300]}")
    return execute(sql, params, many, context)


def _watch(sender: Any, connection: Any, **_sent: Any) -> None:
    if refuse not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse)


def watch_all() -> None:
    """From now on, on each connection that is made. Called once, as tests begin."""
    connection_created.connect(_watch, dispatch_uid="tests: locks")
