"""Columns that say who it was, by name: where a person who is erased is looked for even by a single plain word.

Filled in `AppConfig.ready()` by whoever keeps such a column.
"""

from typing import Any

_columns: set[str] = set()
_sealed: dict[str, Any] = {}


def names_people(table: str, *columns: str) -> None:
    """These columns of a table hold the name of somebody, or a history of such names."""
    _columns.update(f"{table}.{column}" for column in columns)


def sealed(table: str, why: Any) -> None:
    """The rows of this table are proven by a hash: no name in them is masked. `why`: a (lazy) sentence for people."""
    _sealed[table] = why


def naming_columns() -> list[str]:
    """As table.column, by the alphabet."""
    return sorted(_columns)


def sealed_tables() -> dict[str, str]:
    """Each with why."""
    return {table: str(why) for table, why in _sealed.items()}
