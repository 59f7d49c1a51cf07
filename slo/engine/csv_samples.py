"""Measurements from a CSV file: text in, samples and problems out, never an exception.

The header decides. A time column (`minute`, `time` or `timestamp`) and either counts (`good` and `total`,
`bad` and `total`, `good` and `bad`) or a raw `value`; other columns are passed over, the order is free.
A cell that is empty or says NaN is a gap. Nothing is guessed: what cannot be read is a problem with its line.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from slo.engine.csv_cells import Ambiguous, NotANumber, NotATime, instant_in, number_in
from slo.engine.csv_problems import SENTENCES, Code, Problem
from slo.engine.samples import Sample, epoch_minute, instant_of

MAX_ROWS = 600_000
MAX_BYTES = 32_000_000
MAX_PROBLEMS = 200
_SEP = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)
_TIMES = ("minute", "time", "timestamp")
_COUNTS = (("good", "total"), ("bad", "total"), ("good", "bad"))


@dataclass
class Parsed:
    """`samples` for counts or `values` (minute since 1970, raw value) for thresholds, oldest first.

    `problem_count` counts them all, `problems` keeps the first two hundred. A problem with the file itself
    (its header, its size) leaves no samples at all.
    """

    samples: list[Sample] = field(default_factory=list)
    values: list[tuple[int, Decimal]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    rows: int = 0

    def add(self, line: int, code: Code, cell: str = "") -> None:
        """Count a problem of this line (1-based); the first MAX_PROBLEMS are kept, with 40 characters of the cell."""
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(line, code, SENTENCES[code], cell[:40]))


class _Columns(NamedTuple):
    """Places of the columns; `names` says what `cells` are: a pair of counts, or ("value",)."""

    time: int
    names: tuple[str, ...]
    cells: tuple[int, ...]


class _Fault(Exception):
    def __init__(self, code: Code, cell: str = "") -> None:
        super().__init__(code)
        self.code, self.cell = code, cell


def parsed(content: str | bytes) -> Parsed:
    """Read a whole file; text may begin with a byte order mark, bytes are UTF-8 or (with its mark) UTF-16."""
    result = Parsed()
    try:
        text = _text(content)
        header, delimiter = _header(text)
        columns = _columns(header)
        found = _read(text, delimiter, columns, result)
    except _Fault as fault:
        result.add(1, fault.code, fault.cell)
        return result
    for minute, numbers in sorted(found.items()):
        if columns.names == ("value",):
            result.values.append((minute, numbers[0]))
        else:
            result.samples.append(Sample(instant_of(minute), *_counts(columns.names, numbers)))
    return result


def _text(content: str | bytes) -> str:
    if len(content) > MAX_BYTES or (isinstance(content, str) and len(content.encode("utf-8", "replace")) > MAX_BYTES):
        raise _Fault(Code.TOO_LARGE)
    if isinstance(content, bytes):
        encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
        try:
            content = content.decode(encoding)
        except UnicodeDecodeError:
            raise _Fault(Code.NOT_TEXT) from None
    return content.removeprefix("\ufeff")


def _header(text: str) -> tuple[list[str], str]:
    """Names of the columns and the delimiter, which is the one that gives a header that can be used.

    A first line `sep=;`, as Excel writes and reads it, names the delimiter.
    """
    lines = (line for line in io.StringIO(text[:10_000], newline=None) if line.strip())
    line = next(lines, None)
    divider = _SEP.fullmatch(line.strip("\r\n ")) if line else None
    if divider:
        line = next(lines, None)
    if line is None:
        raise _Fault(Code.EMPTY)
    if divider:
        return _names(next(csv.reader([line], delimiter=divider[1]))), divider[1]
    tries = [(_names(cells), one) for one, cells in _splits(line)]
    usable = [found for found in tries if set(_TIMES) & set(found[0])]
    return max(usable or tries, key=lambda found: len(found[0]))


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().strip("'").lower() for cell in cells]


def _splits(line: str) -> Iterator[tuple[str, list[str]]]:
    for delimiter in ",;\t":
        yield delimiter, next(csv.reader([line], delimiter=delimiter))


def _columns(header: Sequence[str]) -> _Columns:
    time = next((name for name in _TIMES if name in header), None)
    pair = next((pair for pair in _COUNTS if set(pair) <= set(header)), None)
    names: tuple[str, ...] | None = pair or (("value",) if "value" in header else None)
    if time is None or names is None:
        raise _Fault(Code.NO_HEADER, ", ".join(header))
    if any(header.count(name) > 1 for name in (time, *names)):
        raise _Fault(Code.AMBIGUOUS_HEADER, ", ".join(header))
    return _Columns(header.index(time), names, tuple(header.index(name) for name in names))


def _read(text: str, delimiter: str, columns: _Columns, result: Parsed) -> dict[int, tuple[Decimal, ...]]:
    found: dict[int, tuple[Decimal, ...]] = {}
    for line, cells in _rows(text, delimiter):
        if line < 0:
            result.add(-line, Code.BROKEN)
            break
        result.rows += 1
        if result.rows > MAX_ROWS:
            raise _Fault(Code.TOO_MANY_ROWS)
        try:
            minute, numbers = _row(cells, columns, delimiter)
            if numbers and found.setdefault(minute, numbers) != numbers:
                raise _Fault(Code.CONTRADICTED, cells[columns.time])
        except _Fault as fault:
            result.add(line, fault.code, fault.cell)
    return found


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) after the header, empty lines left out; a negative line is where the file cannot be read on."""
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    is_header, first = True, True
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            names_delimiter = first and bool(_SEP.fullmatch(delimiter.join(cells).strip("\r\n ")))
            first = False
            if names_delimiter:
                continue
            if not is_header:
                yield reader.line_num, cells
            is_header = False
    except csv.Error:
        yield -max(reader.line_num, 1), []


def _row(cells: Sequence[str], columns: _Columns, delimiter: str) -> tuple[int, tuple[Decimal, ...] | None]:
    """The minute and its numbers, None for a gap. Raises _Fault."""
    if len(cells) <= max(columns.time, *columns.cells):
        raise _Fault(Code.TOO_FEW_CELLS)
    minute = _minute(cells[columns.time], is_count=columns.names != ("value",))
    numbers = [_number(cells[place], delimiter) for place in columns.cells]
    whole = tuple(number for number in numbers if number is not None)
    if len(whole) < len(numbers):
        return minute, None
    if columns.names != ("value",):
        _check(columns.names, whole)
    return minute, whole


def _minute(cell: str, *, is_count: bool) -> int:
    """Counts belong to a whole minute, as in the API; a raw value belongs to the minute it was read in."""
    try:
        instant = instant_in(cell)
    except NotATime:
        raise _Fault(Code.NOT_A_TIME, cell) from None
    if is_count and (instant.second or instant.microsecond):
        raise _Fault(Code.NOT_A_MINUTE, cell)
    return epoch_minute(instant)


def _number(cell: str, delimiter: str) -> Decimal | None:
    try:
        return number_in(cell, has_comma=delimiter != ",")
    except Ambiguous:
        raise _Fault(Code.AMBIGUOUS_NUMBER, cell) from None
    except NotANumber:
        raise _Fault(Code.NOT_A_NUMBER, cell) from None


def _check(names: tuple[str, ...], numbers: tuple[Decimal, ...]) -> None:
    if min(numbers) < 0:
        raise _Fault(Code.NEGATIVE, str(min(numbers)))
    if names[1] == "total" and numbers[0] > numbers[1]:
        raise _Fault(Code.ABOVE_TOTAL, f"{numbers[0]} > {numbers[1]}")


def _counts(names: tuple[str, ...], numbers: tuple[Decimal, ...]) -> tuple[Decimal, Decimal]:
    """(good, total)"""
    first, second = numbers
    if names == ("good", "total"):
        return first, second
    return (second - first, second) if names == ("bad", "total") else (first, first + second)
