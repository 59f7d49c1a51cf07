"""The headers of a mail, within limits, as plain text. Limits are looked at before anything costs time."""

import re
from collections.abc import Iterable
from datetime import UTC
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from itsm.mail.parsing.parsed import TooMuch

MAX_HEADER_BYTES = 64 * 1024
MAX_HEADERS = 200
MAX_ADDRESSES = 500
MAX_COMMENTS = 20  # that lie within one another
MAX_SUBJECT = 2000
MAX_IDS = 100

_END = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESS = re.compile(r"[^@\s<>,;:()\[\]\"\\]{1,64}@[^@\s<>,;:()\[\]\"\\]{1,253}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NO_TEXT = {
    "idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "undefined",
    "utf-7", "utf7",
}  # fmt: skip


def headers_of(raw: bytes) -> bytes:
    """The block of headers. TooMuch where it is longer, or has more of them, than any mail needs."""
    found = _END.search(raw, 0, MAX_HEADER_BYTES + 4)
    if found is None and len(raw) > MAX_HEADER_BYTES:
        raise TooMuch("headers", len(raw))
    block = raw[: found.start()] if found else raw
    count = sum(1 for line in block.split(b"\n") if line and line[:1] not in b" \t")
    if count > MAX_HEADERS:
        raise TooMuch("headers", count)
    return block


def plain(text: str) -> str:
    """Without what no database takes and no page shows; lines end with a line feed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def decoded(raw: bytes, charset: str) -> str:
    """Bytes as text, whatever they call themselves; what cannot be read is shown as such."""
    name = charset.strip().strip("'\"").lower()
    for candidate in (name, "utf-8", "cp1252"):
        if not candidate or candidate in _NO_TEXT:
            continue
        try:
            return plain(raw.decode(candidate))
        except (LookupError, UnicodeError, ValueError):
            continue
    return plain(raw.decode("utf-8", "replace"))


def words(value: object, most: int = MAX_SUBJECT) -> str:
    """A header in one line, with its encoded words read."""
    said = str(value)
    try:
        pieces = [
            piece if isinstance(piece, str) else decoded(piece, charset or "utf-8")
            for piece, charset in decode_header(said)
        ]
        said = "".join(pieces)
    except (HeaderParseError, ValueError, TypeError):
        pass
    return " ".join(plain(said).split())[:most]


def one(message: "Message[str, str]", name: str) -> str:
    """The first header of this name, in one line; "" where there is none."""
    value = message.get(name)
    return "" if value is None else words(value, MAX_HEADER_BYTES)


def addresses(message: "Message[str, str]", *names: str) -> list[tuple[str, str]]:
    """(name, address) of everybody whom these headers name, in their order, small letters.

    TooMuch above the limits: the parser of Python needs seconds for many, and the stack for what is nested.
    """
    values = [str(value) for name in names for value in message.get_all(name, [])]
    if (
        sum(value.count("@") for value in values) > MAX_ADDRESSES
        or sum(value.count(",") for value in values) > 4 * MAX_ADDRESSES
    ):
        raise TooMuch("addresses", sum(value.count("@") for value in values))
    for value in values:
        _refuse_nested(value)
    found: list[tuple[str, str]] = []
    for name, address in getaddresses(values):
        lowered = plain(address).strip().lower()
        if len(lowered) <= 254 and _ADDRESS.fullmatch(lowered):
            found.append((words(name, 150), lowered))
    if len(found) > MAX_ADDRESSES:
        raise TooMuch("addresses", len(found))
    return found


def _refuse_nested(value: str) -> None:
    depth = 0
    for sign in value:
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if depth > MAX_COMMENTS:
            raise TooMuch("nested", depth)


def unique(found: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The addresses alone, each once."""
    return tuple(dict.fromkeys(address for _name, address in found))


def ids(value: str) -> tuple[str, ...]:
    """Message-IDs in a header, oldest first, the last hundred."""
    return tuple(dict.fromkeys(_ID.findall(plain(value))))[-MAX_IDS:]


def instant(value: str) -> str:
    """When it says that it was written, as ISO with a zone; "" where it says nothing that is one."""
    try:
        at = parsedate_to_datetime(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
