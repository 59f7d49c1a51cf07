"""Times and numbers as they stand in a cell of a CSV file."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:[Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_SECONDS = re.compile(r"\d{1,11}(?:\.\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
# A mark and three digits: in files of a locale whose cells are not divided by commas it may stand for thousands.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_GAPS = {"", "nan", "null", "none", "na", "n/a", "-", "inf", "+inf", "-inf"}


class NotATime(ValueError):
    """Nor any of the three ways to write one."""


class NotANumber(ValueError):
    """Nor a gap."""


class Ambiguous(NotANumber):
    """1.234 is one thousand to some and a little more than one to others."""


def instant_in(cell: str) -> datetime:
    """RFC 3339 with its zone, `YYYY-MM-DD HH:MM[:SS]` in UTC, or seconds since 1970; not before 1970."""
    text = cell.strip()
    try:
        if _SECONDS.fullmatch(text):
            return _EPOCH + timedelta(seconds=int(text.partition(".")[0])) + _fraction(text)
        if not _WRITTEN.fullmatch(text):
            raise NotATime(text)
        instant = datetime.fromisoformat(text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
        instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotATime(text) from None
    if instant < _EPOCH:
        raise NotATime(text)
    return instant


def number_in(cell: str, *, has_comma: bool) -> Decimal | None:
    """A decimal with a point, or (where commas do not divide cells) a comma; None for a gap. No thousands marks.

    Raises NotANumber; Ambiguous where the mark may be one of thousands, which the file of such a locale leaves open.
    """
    text = cell.strip()
    if text.lower() in _GAPS:
        return None
    if has_comma and _THOUSANDS.fullmatch(text):
        raise Ambiguous(text)
    if has_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise NotANumber(text)
    return Decimal(text)


def _fraction(seconds: str) -> timedelta:
    """Of a second, to the microsecond, without a float in between."""
    return timedelta(microseconds=int(seconds.partition(".")[2][:6].ljust(6, "0")))
