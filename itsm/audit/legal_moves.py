"""The database's copy of a workflow: a status may only move along its pairs, whoever writes.

The application walks the table in `workflow.py`; this trigger is the second wall, for raw SQL, imports and mistakes.
It is declared on the model from the same table, so that `makemigrations` asks for what a new step needs.
"""

from typing import Any

import pgtrigger

from itsm.audit.triggers import Guard
from itsm.kernel.workflow import Workflow


class OnlyMoves(Guard):
    """Rows of the model change `status` only along the (from, to) pairs of these workflows."""

    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")
    condition = pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status")

    def __init__(self, *workflows: Workflow) -> None:
        self.pairs = sorted({pair for workflow in workflows for pair in workflow.moves()})
        super().__init__(name="moves_legally")

    def get_func(self, model: Any) -> str:
        listed = ",\n".join(f"  ('{before}', '{after}')" for before, after in self.pairs)
        return "\n".join(
            (
                "IF (OLD.status, NEW.status) NOT IN (",
                listed,
                ") THEN",
                f"  RAISE EXCEPTION '{model._meta.db_table} does not move from % to %', OLD.status, NEW.status",
                "    USING ERRCODE = 'check_violation';",
                "END IF;",
                "RETURN NEW;",
            )
        )
