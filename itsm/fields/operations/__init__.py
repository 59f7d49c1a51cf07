"""Every write to definitions of fields. Administrators alone; each is one entry of the history."""

from itsm.fields.operations.checking import MAX_LIVE
from itsm.fields.operations.defining import add_field, edit_field
from itsm.fields.operations.ending import PURGE, purge, purge_when_due, retire, revive
from itsm.fields.operations.narrowing import as_inherited, narrow_field

__all__ = [
    "MAX_LIVE", "PURGE", "add_field", "as_inherited", "edit_field", "narrow_field", "purge", "purge_when_due", "retire",
    "revive",
]  # fmt: skip
