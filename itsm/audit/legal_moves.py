"""The database's copy of a workflow: a status may only move along its pairs, whoever writes.

The application walks the table in `workflow.py`; this trigger is the second wall, for raw SQL, imports and mistakes.
It is declared on the model from the same table, so that `makemigrations` asks for what a new step needs.
"""

from collections.abc import Mapping
from typing import Any

import pgtrigger

from itsm.audit.triggers import Guard
from itsm.kernel.workflow import Workflow


class OnlyMoves(Guard):
    """Rows of the model change `status` only along the (from, to) pairs of these workflows.

    `by`: the column that says which of the tables a row walks, which are given by its values then.
    """

    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")
    condition = pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status")

    def __init__(self, *workflows: Workflow, by: str = "", tables: Mapping[str, Workflow] | None = None) -> None:
        self.by = by
        pairs = {pair for workflow in workflows for pair in workflow.moves()}
        self.rows = sorted(pairs | {(kind, *pair) for kind, table in (tables or {}).items() for pair in table.moves()})
        super().__init__(name="moves_legally")

    def get_func(self, model: Any) -> str:
        listed = ",\n".join("  (" + ", ".join(f"'{word}'" for word in row) + ")" for row in self.rows)
        which = f"OLD.{self.by}, " if self.by else ""
        return "\n".join(
            (
                f"IF ({which}OLD.status, NEW.status) NOT IN (",
                listed,
                ") THEN",
                f"  RAISE EXCEPTION '{model._meta.db_table} does not move from % to %', OLD.status, NEW.status",
                "    USING ERRCODE = 'check_violation';",
                "END IF;",
                "RETURN NEW;",
            )
        )
