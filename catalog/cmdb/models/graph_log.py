"""The triggers that log each statement which changed the graph, however many rows it touched."""

import pgtrigger

from itsm.audit.triggers import Guard

_FUNC = """
IF EXISTS (SELECT FROM new_rows) THEN
  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());
END IF;
RETURN NULL;
"""


def _logged(name: str, operation: pgtrigger.Operation, *, after: bool) -> Guard:
    """`after`: looks at the rows as they are now, else as they were."""
    return Guard(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows") if after else pgtrigger.Referencing(old="old_rows"),
        func=_FUNC if after else _FUNC.replace("new_rows", "old_rows"),
    )


LOGGED = [
    _logged("logs_inserts", pgtrigger.Insert, after=True),
    _logged("logs_updates", pgtrigger.Update, after=True),
    _logged("logs_deletes", pgtrigger.Delete, after=False),
]
