"""Delivery status notifications (RFC 3464): which mail did not arrive, where, and why."""

import re
from email.message import Message

from itsm.mail.parsing import headers
from itsm.mail.parsing.parsed import Dsn, Failure

MAX_FAILURES = 50
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ID_LINE = re.compile(rb"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)


def read(message: "Message[str, str]", parts: "list[Message[str, str]]") -> Dsn | None:
    """What this report says; None where it is none."""
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not statuses:
        return None
    failures = [found for part in statuses for group in _groups(part) if (found := _failure(group))]
    return Dsn(_original_id(parts), tuple(failures[:MAX_FAILURES]))


def _groups(part: "Message[str, str]") -> "list[Message[str, str]]":
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _failure(group: "Message[str, str]") -> Failure | None:
    named = headers.one(group, "final-recipient") or headers.one(group, "original-recipient")
    address = named.partition(";")[2].strip().strip("<>").lower() or named.strip().lower()
    if "@" not in address or len(address) > 254:
        return None
    why = headers.one(group, "diagnostic-code").partition(";")[2].strip()[:300]
    said = _STATUS.search(headers.one(group, "status")) or _STATUS.search(why)
    return Failure(address, headers.one(group, "action").lower()[:20], said[1] if said else "", why)


def _original_id(parts: "list[Message[str, str]]") -> str:
    """Of the mail that came back, whole or by its headers."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inside = _groups(part)
            if inside and (found := headers.ids(headers.one(inside[0], "message-id"))):
                return found[0]
        elif part.get_content_type() == "text/rfc822-headers":
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes) and (line := _ID_LINE.search(raw)):
                return line[1].decode("ascii", "replace")
    return ""
