"""What separates the cells of a CSV file: as spreadsheets of all countries write them. Plain Python."""

import re

SEPARATORS = (";", ",", "\t", "|")
_SAID = re.compile(r'"?sep=(.)"?[ \t]*(?:\r?\n|\Z)', re.IGNORECASE)


def says_separator(line: str) -> bool:
    """Is this first line Excel's `sep=;`, and no row?"""
    return _SAID.match(line) is not None


def separator_of(head: str) -> str:
    """As its first line says (`sep=;`), else what the first that is not empty has most often outside of quotes."""
    if (said := _SAID.match(head)) and separates(said[1]):
        return said[1]
    first = next((line for line in head.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=bare.count) if any(one in bare for one in SEPARATORS) else ","


def separates(character: str) -> bool:
    """Can it stand between cells at all?"""
    return len(character) == 1 and character not in '\r\n"\x00 '


def table_in(text: str) -> tuple[str, int, str]:
    """(the table, the lines before it, what separates its cells)"""
    said = _SAID.match(text)
    return (text[said.end() :] if said else text), int(said is not None), separator_of(text)
