"""A calendar as ICS text (RFC 5545), as feeds send it: when something is, and in one line what."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

_LONGEST_LINE = 75  # octets


class Event(NamedTuple):
    """[starts_at, ends_at); `uid` stays the same however often it is written; `words`: one line."""

    uid: str
    words: str
    starts_at: datetime
    ends_at: datetime


def as_ics(name: str, events: Iterable[Event], at: datetime, *, product: str, is_busy: bool) -> str:
    """Lines folded and ended as the standard says; times are UTC, so that no zone has to be described.

    `product`: whose calendar it is. `is_busy`: it takes the reader's time, and is nobody else's to read.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Headroom//{product}//EN", "CALSCALE:GREGORIAN"]
    lines += [f"X-WR-CALNAME:{_text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT30M"]
    taken = ["TRANSP:OPAQUE", "CLASS:PRIVATE"] if is_busy else ["TRANSP:TRANSPARENT"]
    for one in events:
        lines += [
            "BEGIN:VEVENT", f"UID:{_text(one.uid)}", f"DTSTAMP:{_instant(at)}", f"DTSTART:{_instant(one.starts_at)}",
            f"DTEND:{_instant(one.ends_at)}", f"SUMMARY:{_text(one.words)}", *taken, "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """No line of its own begins in a text."""
    kept = "".join(letter if letter.isprintable() else " " for letter in said)
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, none cut within a letter; all but the first begin with a space."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece
