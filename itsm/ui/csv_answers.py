"""Answers as CSV files (RFC 4180, UTF-8), written while they are read."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

# What a spreadsheet would take for a formula when a text begins with it: in East Asian locales the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe62", "\ufe63", "\ufe66", "\ufe6b")
_CUTS_LINES = ("\t", "\r", "\n")
# What is not seen at the beginning of a text, and is passed over by one program or another.
_UNSEEN = re.compile(r"[\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*")


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
    computes = text.startswith(_CUTS_LINES) or text.startswith(_FORMULA, _UNSEEN.match(text).end())  # type: ignore[union-attr]
    return f"'{text}" if computes else text
