"""The decision table of a policy: row x column -> cell, total by construction.

Promise: a table that leaves a cell undefined, or that would approve where nobody can see, cannot pass
`table_problems`; each problem names its cell ("table.standard.no_data").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from changes.gate.vocabulary import WITHOUT_PEOPLE, Column, ConditionCode, Decider, Need, Outcome, Row, strictness


@dataclass(frozen=True, slots=True)
class Cell:
    """`outcome` holds when every one of `needs` is proven, else `otherwise`.

    conditions come with the answer; decider overrides who decides when people must (default: by the outcome).
    """

    outcome: Outcome
    needs: tuple[Need, ...] = ()
    otherwise: Outcome | None = None
    conditions: tuple[ConditionCode, ...] = ()
    decider: Decider | None = None


Table = Mapping[Row, Mapping[Column, Cell]]

BLIND_COLUMNS = frozenset(
    {
        Column.NOT_YET_MEASURED, Column.NO_DATA, Column.LOW_CONFIDENCE, Column.BURNING_FAST, Column.LOCKDOWN,
        Column.FREEZE,
    }
)  # fmt: skip
EXCEPTION_ROWS = frozenset({Row.ROLLBACK, Row.FLAG_OFF})


def table_problems(table: Table) -> Iterator[str]:
    """What is wrong with a policy's table, each as `table.<row>.<column>: problem`; nothing for a sound one."""
    for row in Row:
        for column in Column:
            path = f"table.{row}.{column}"
            cell = table.get(row, {}).get(column)
            if cell is None:
                yield f"{path}: undefined"
            else:
                yield from (f"{path}: {problem}" for problem in _cell_problems(row, column, cell))


def _cell_problems(row: Row, column: Column, cell: Cell) -> Iterator[str]:
    outcomes = {cell.outcome, cell.otherwise}
    if bool(cell.needs) != (cell.otherwise is not None):
        yield "needs and otherwise come together"
    elif cell.otherwise is not None and strictness(cell.otherwise) <= strictness(cell.outcome):
        yield "otherwise must be stricter than the outcome"
    if column in BLIND_COLUMNS and Outcome.APPROVED in outcomes:
        yield f"nothing is approved by budget under {column}"
    if row not in EXCEPTION_ROWS and Outcome.EXCEPTION in outcomes:
        yield "an exception is only for rollback and flag_off"
    if row in EXCEPTION_ROWS and Outcome.APPROVED in outcomes:
        yield "an exception is never called approved by budget"
    if row is Row.EMERGENCY and outcomes & WITHOUT_PEOPLE:
        yield "an emergency always has a human authority"
