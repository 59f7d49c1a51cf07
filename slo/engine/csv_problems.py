"""What can be wrong with a CSV file of measurements: stable codes and their sentences."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


def _(msgid: str) -> str:  # so that makemessages finds the sentences; the translation happens when they are read
    return msgid


class Code(StrEnum):
    """Of the file as a whole first, then of one line."""

    EMPTY = "empty"
    TOO_LARGE = "file_too_large"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_TEXT = "not_text"
    NO_HEADER = "no_header"
    AMBIGUOUS_HEADER = "ambiguous_header"
    BROKEN = "broken"
    TOO_FEW_CELLS = "too_few_cells"
    NOT_A_TIME = "not_a_time"
    NOT_A_MINUTE = "not_a_whole_minute"
    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    NEGATIVE = "negative"
    ABOVE_TOTAL = "above_total"
    CONTRADICTED = "contradicted"


class Problem(NamedTuple):
    """Where (1 is the header's line), which rule, its sentence (a msgid without placeholders), what stood there."""

    line: int
    code: Code
    sentence: str
    cell: str = ""


SENTENCES: Mapping[Code, str] = {
    Code.EMPTY: _("The file is empty."),
    Code.TOO_LARGE: _("The file is larger than 32 MB."),
    Code.TOO_MANY_ROWS: _("The file has more than 600,000 rows."),
    Code.NOT_TEXT: _("The file is not UTF-8 text."),
    Code.NO_HEADER: _(
        "The first line names the columns: minute, time or timestamp, and good and total, bad and total, or value."
    ),
    Code.AMBIGUOUS_HEADER: _("The first line names a column twice."),
    Code.BROKEN: _("From this line on the file cannot be read: a quotation mark may be missing."),
    Code.TOO_FEW_CELLS: _("The line has fewer cells than the first line has names."),
    Code.NOT_A_TIME: _("The time is none of 2026-01-31T13:05:00Z, 2026-01-31 13:05 (UTC) and seconds since 1970."),
    Code.NOT_A_MINUTE: _("Counts belong to whole minutes; this time has seconds."),
    Code.NOT_A_NUMBER: _("This is not a number."),
    Code.AMBIGUOUS_NUMBER: _("This may be thousands or a fraction: write 1234 for the one, 1.2340 for the other."),
    Code.NEGATIVE: _("Events cannot be fewer than none."),
    Code.ABOVE_TOTAL: _("More good or bad events than events in all."),
    Code.CONTRADICTED: _("An earlier line says something else about the same minute; the earlier one stands."),
}
