"""What a bare word of YAML means: YAML 1.2's core schema, with exact numbers and no dates.

Numbers beyond any use stay text, so that no later arithmetic can be made to take long.
"""

import re
from decimal import Decimal
from typing import TypeGuard

Scalar = str | int | Decimal | bool | None

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z", re.ASCII)
_LONGEST_NUMBER = 64


class Unfit(ValueError):
    """Text that cannot be kept or shown: NUL, or half a surrogate pair."""


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar; text when it is nothing else."""
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return fit(text) if (number := resolve_number(text)) is None else number


def resolve_number(text: str) -> int | Decimal | None:
    """An int, an exact Decimal, or None when the text is no number (or one too long to be meant)."""
    if len(text) > _LONGEST_NUMBER:
        return None
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    return Decimal(text) if _DECIMAL.match(text) else None


def fit(text: str) -> str:
    """The text itself. Raises Unfit."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unfit
    return text


def is_number(value: object) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
