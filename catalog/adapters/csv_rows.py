"""The rows of a CSV file: what separates its cells and in which code page it is, found out or as told."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext

from catalog.adapters.documents import File
from catalog.adapters.limits import LARGEST_TABLE, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from catalog.adapters.options import Options
from catalog.adapters.yaml import Broken

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "iso-8859-15")
DELIMITERS = (";", ",", "\t", "|")


def rows_in(file: File, options: Options) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, cells), empty lines left out. Raises Broken, perhaps after some of them."""
    text = _text(file, encoding_of(file, options))
    skipped = 0
    if found := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        text, skipped = text[found.end() :], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, options), strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise Broken(file.name, gettext("More than %d rows; split the file.") % MOST_ROWS)
            if len(cells) > MOST_COLUMNS:
                raise Broken(file.name, gettext("More than %d columns.") % MOST_COLUMNS)
            if any(len(cell) > LONGEST_CELL for cell in cells):
                words = {"line": reader.line_num + skipped, "most": LONGEST_CELL}
                raise Broken(file.name, gettext("Line %(line)d: a cell of more than %(most)d characters.") % words)
            if any(cell.strip() for cell in cells):
                yield reader.line_num + skipped, cells
    except csv.Error as error:
        message = gettext("Line %(line)d: this cannot be read as CSV: %(why)s.")
        raise Broken(file.name, message % {"line": reader.line_num + skipped, "why": error}) from error


def encoding_of(file: File, options: Options) -> str:
    """As told, else by its first bytes, else UTF-8. Raises Broken for one that is not taken."""
    if options.encoding and options.encoding not in ENCODINGS:
        words = {"encoding": options.encoding[:40], "known": ", ".join(ENCODINGS)}
        raise Broken(file.name, gettext("The code page %(encoding)s is none of %(known)s.") % words)
    if options.encoding:
        return options.encoding
    return "utf-16" if file.content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def delimiter_of(text: str, options: Options) -> str:
    """As told, else what stands most often outside of quotes in the first line that is not empty."""
    if len(options.delimiter) == 1 and options.delimiter not in '\r\n"':
        return options.delimiter
    first = next((line for line in text[:20_000].splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count) if any(one in bare for one in DELIMITERS) else ","


def _text(file: File, encoding: str) -> str:
    if len(file.content) > LARGEST_TABLE:
        raise Broken(file.name, gettext("The file is larger than %d bytes.") % LARGEST_TABLE)
    try:
        text = file.content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError as error:
        message = gettext("This is no text in %s; choose its code page.")
        raise Broken(file.name, message % encoding.upper()) from error
    if "\x00" in text:
        raise Broken(file.name, gettext("This is no text: it has zero bytes."))
    return text
