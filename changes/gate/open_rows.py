"""The rows of the policy's table that the evidence proves, and the kinds of change that the calendar knows them by."""

from collections.abc import Collection

from changes.gate.derivation import Derived
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.vocabulary import ChangeClass, Risk, Row

NORMAL_ROWS = {Risk.LOW: Row.NORMAL_LOW, Risk.MEDIUM: Row.NORMAL_MEDIUM, Risk.HIGH: Row.NORMAL_HIGH}


def open_rows(derived: Derived, risk: Risk, non_production: bool) -> tuple[Row, ...]:
    """The rows that the evidence proves. A proven purpose takes the place of `normal` in production."""
    own = {ChangeClass.STANDARD: Row.STANDARD, ChangeClass.EMERGENCY: Row.EMERGENCY}.get(derived.change_class)
    purpose = derived.purpose_row
    if purpose in EXCEPTION_ROWS:
        return (purpose,)
    if own is None and purpose is not None and not non_production:
        return (purpose,)
    rows = (own or NORMAL_ROWS[risk], purpose)
    return tuple(row for row in rows if row is not None)


def kinds_of(rows: Collection[Row]) -> frozenset[str]:
    """What these rows are called where the calendar names kinds of changes: all normal ones are one kind."""
    return frozenset("normal" if row in NORMAL_ROWS.values() else row.value for row in rows)
