"""Answers as CSV files (RFC 4180, UTF-8), written while they are read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

# What a spreadsheet would take for a formula when a text begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """The csv module writes into it; what was written is handed on at once."""

    def write(self, text: str) -> str:
        return text


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """`name` is the file's name without its ending. Texts cannot become formulas; numbers are written plainly."""
    return file_answer(f"{name}.csv", "text/csv", _lines(head, rows))


def file_answer(name: str, kind: str, parts: Iterable[str]) -> StreamingHttpResponse:
    """A file of this name and media type; `parts` are closed, where they can be, however the answer ends."""
    answer = StreamingHttpResponse(parts, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell_of(one) for one in row])


def cell_of(value: Any) -> str:
    """A number in plain digits, a text that no spreadsheet runs, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
