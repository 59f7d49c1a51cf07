"""The rows of a CSV file: what separates its cells and in which code page it is, found out or as told."""

import csv
import io
from collections.abc import Iterator
from typing import Self

from django.utils.translation import gettext

from catalog.formats.documents import File
from catalog.formats.limits import LARGEST_TABLE, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from catalog.formats.options import Options
from catalog.formats.yaml import Broken
from itsm.kernel.separators import says_separator, separates, separator_of

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "iso-8859-15")
_LONGEST_LINE = 1_000_000


def rows_in(file: File, options: Options) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, cells), empty lines left out. Raises Broken, perhaps after some of them."""
    encoding = encoding_of(file, options)
    lines = _Lines(file, encoding)
    delimiter = options.delimiter or separator_of(head_of(file, encoding))
    reader = csv.reader(lines, delimiter=delimiter if separates(delimiter) else ",", strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise Broken(file.name, gettext("More than %d rows; split the file.") % MOST_ROWS)
            if len(cells) > MOST_COLUMNS:
                raise Broken(file.name, gettext("More than %d columns.") % MOST_COLUMNS)
            if any(len(cell) > LONGEST_CELL for cell in cells):
                words = {"line": lines.number, "most": LONGEST_CELL}
                raise Broken(file.name, gettext("Line %(line)d: a cell of more than %(most)d characters.") % words)
            if any(cell.strip() for cell in cells):
                yield lines.number, cells
    except csv.Error as error:
        message = gettext("Line %(line)d: this cannot be read as CSV: %(why)s.")
        raise Broken(file.name, message % {"line": lines.number, "why": error}) from error
    except UnicodeError as error:
        message = gettext("This is no text in %s; choose its code page.")
        raise Broken(file.name, message % encoding.upper()) from error


class _Lines:
    """The lines of a file one by one, so that a large table is never text as a whole. `number`: of the last one."""

    def __init__(self, file: File, encoding: str) -> None:
        if len(file.content) > LARGEST_TABLE:
            raise Broken(file.name, gettext("The file is larger than %d bytes.") % LARGEST_TABLE)
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
        self.file, self.number = file, 0
        self.text = io.TextIOWrapper(io.BytesIO(file.content), codec, newline="")

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self.text.readline(_LONGEST_LINE + 1)
        self.number += 1
        if self.number == 1 and says_separator(line):
            return next(self)
        if not line:
            raise StopIteration
        if "\x00" in line:
            raise Broken(self.file.name, gettext("This is no text: it has zero bytes."))
        if len(line) > _LONGEST_LINE:
            raise Broken(self.file.name, gettext("Line %d is too long.") % self.number)
        return line


def encoding_of(file: File, options: Options) -> str:
    """As told, else by its first bytes, else UTF-8. Raises Broken for one that is not taken."""
    if options.encoding and options.encoding not in ENCODINGS:
        words = {"encoding": options.encoding[:40], "known": ", ".join(ENCODINGS)}
        raise Broken(file.name, gettext("The code page %(encoding)s is none of %(known)s.") % words)
    if options.encoding:
        return options.encoding
    return "utf-16" if file.content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def head_of(file: File, encoding: str) -> str:
    """Its first characters, whatever they are."""
    return file.content[:20_000].decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
