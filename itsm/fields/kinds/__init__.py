"""What a value of each type may be, how it is kept, and how it reads. Pure: no query, no clock of its own.

A value is taken as JSON has it (pages and CSV bring theirs into that form with `from_text`). What is kept is JSON as
well: texts, whole numbers, exact decimals as text, keys of options, days and UTC instants in ISO 8601, ids of records.
"""

from itsm.fields.kinds.as_text import from_text, to_text
from itsm.fields.kinds.definitions import (
    FILE_KEY,
    GREATEST,
    LONGEST,
    MOST_CHOSEN,
    Choosable,
    Definition,
    LookUp,
    Moment,
)
from itsm.fields.kinds.parsing import instant_in, parse, plain_decimal, refuse_as_default, written

__all__ = [
    "FILE_KEY",
    "GREATEST",
    "LONGEST",
    "MOST_CHOSEN",
    "Choosable",
    "Definition",
    "LookUp",
    "Moment",
    "from_text",
    "instant_in",
    "parse",
    "plain_decimal",
    "refuse_as_default",
    "to_text",
    "written",
]
