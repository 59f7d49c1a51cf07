"""A mail, read whole or by its headers alone. Plain Python: it runs in a child with limits (`child`)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

from itsm.mail.parsing import automatic, headers, hypertext, quotes, reports
from itsm.mail.parsing.parsed import Block, Dsn, Parsed, Part, Sent, TooMuch

MAX_DEPTH = 20
MAX_PARTS = 200
MAX_TEXT = 200_000  # characters that are kept of it beside the original
LOOP_HEADER = "x-headroom-loop"
_LEAVES = {"message/rfc822", "message/delivery-status", "message/global"}
_NAMED = {
    "message/rfc822": "mail.eml", "text/calendar": "invitation.ics", "text/html": "text.html", "text/plain": "text.txt",
    "application/pgp-signature": "signature.asc", "application/pgp-encrypted": "version.txt",
}  # fmt: skip
_FORWARDED = re.compile(
    r"^[\s>*_]*(?:from|von|de|da|van|från|fra|od)[\s*_]*:[^\n@]{0,200}?[<\[(\s:]([^@\s<>\[\]()\":;,]{1,64}@[^@\s<>\[\]()\",;]{1,253})",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARDS = re.compile(r"^\s*(?:fwd?|wg|tr|rv|i|vb|enc)\s*:", re.IGNORECASE)

Mail = Message  # by the policy compat32: no header is parsed but those that are asked for


def read(raw: bytes, into: Path) -> Parsed:
    """All of it; files are written into the folder. TooMuch above a limit."""
    headers.headers_of(raw)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        parts = list(_leaves(message))
    except RecursionError as error:
        raise TooMuch("depth") from error
    plain, html, files = _sorted(parts)
    known, flags = _known(message), list[str]()
    text = "\n\n".join(_text_of(part) for part in plain).strip()
    markup = "\n".join(_text_of(part) for part in html)
    shown = ""
    if markup:
        as_text, depth = hypertext.to_text(markup)
        text = text or as_text.strip()
        if depth <= hypertext.MAX_DEPTH and len(markup) <= hypertext.MAX_HTML:
            shown = hypertext.clean(markup)
        else:
            flags.append("html-source-only")
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        flags.append("text-cut")
    blocks = quotes.split(text)
    dsn = reports.read(message, parts)
    return replace(
        known,
        own_text=quotes.own_words(blocks),
        blocks=tuple(blocks),
        html=shown,
        sent=tuple(_kept(files, into, hypertext.cids(shown))),
        automatic=_automatic(message, known.sender, dsn),
        dsn=dsn,
        forwarded_from=_forwarded(known.subject, blocks, parts, known.sender),
        flags=tuple(flags),
    )


def read_headers(raw: bytes) -> Parsed:
    """The headers alone, of a mail whose body nobody reads."""
    block = headers.headers_of(raw)
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(block + b"\n\n")
    known = _known(message)
    return replace(known, automatic=_automatic(message, known.sender, None), flags=("headers-only",))


def safe_text(raw: bytes) -> str:
    """What a person may look at of a mail that could not be read: printable, the beginning, nothing interpreted."""
    return headers.plain(raw[:MAX_TEXT].decode("utf-8", "replace"))


def _known(message: Mail) -> Parsed:
    senders = headers.addresses(message, "from")
    name, sender = senders[0] if senders else ("", "")
    return Parsed(
        message_id=(headers.ids(headers.one(message, "message-id")) or ("",))[0],
        sender=sender,
        sender_name=name,
        to=headers.unique(headers.addresses(message, "to")),
        cc=headers.unique(headers.addresses(message, "cc")),
        delivered_to=headers.unique(headers.addresses(message, "delivered-to", "x-original-to", "envelope-to")),
        subject=headers.one(message, "subject")[: headers.MAX_SUBJECT],
        date=headers.instant(headers.one(message, "date")),
        references=headers.ids(headers.one(message, "references")),
        in_reply_to=headers.ids(headers.one(message, "in-reply-to")),
        loop=headers.one(message, LOOP_HEADER)[:200],
    )


def _automatic(message: Mail, sender: str, dsn: Dsn | None) -> str:
    return automatic.reason(
        lambda name: headers.one(message, name),
        sender=sender, content_type=message.get_content_type(), is_status=dsn is not None,
    )  # fmt: skip


def _leaves(message: Mail) -> Iterator[Mail]:
    """The parts that hold something, in their order, without recursion. TooMuch for too deep and too many."""
    deepest = _depth(message)
    if deepest > MAX_DEPTH:
        raise TooMuch("depth", deepest)
    waiting, seen = [message], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > MAX_PARTS:
            raise TooMuch("parts", seen)
        inside = _inside(part)
        if inside and part.get_content_type() not in _LEAVES:
            waiting.extend(reversed(inside))
        else:
            yield part


def _depth(message: Mail) -> int:
    """How deep its parts lie, mails in mails too."""
    deepest, waiting = 0, [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((one, depth + 1) for one in _inside(part))
    return deepest


def _inside(part: Mail) -> list[Mail]:
    """Its parts; none of one that is not made of parts, whose text is not touched: it may name any charset."""
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _sorted(parts: list[Mail]) -> tuple[list[Mail], list[Mail], list[Mail]]:
    """Plain texts, HTML texts, and files. The first HTML counts; of alternatives the plain one is read."""
    plain, html, files = [], [], []
    for part in parts:
        kind = part.get_content_type()
        if part.is_multipart() and kind not in _LEAVES:
            continue
        is_file = _disposition(part) == "attachment" or bool(part.get_filename()) or kind in _LEAVES
        if not is_file and kind == "text/plain":
            plain.append(part)
        elif not is_file and kind == "text/html":
            html.append(part)
        elif kind != "message/delivery-status":
            files.append(part)
    return plain, html, files


def _disposition(part: Mail) -> str:
    return str(part.get("content-disposition", "")).partition(";")[0].strip().lower()


def _bytes_of(part: Mail) -> bytes:
    if part.get_content_type() in _LEAVES:
        inside = _inside(part)
        try:
            return inside[0].as_bytes() if inside else b""
        except (UnicodeError, RecursionError, KeyError, LookupError, ValueError, AttributeError):
            return b""
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""


def _text_of(part: Mail) -> str:
    try:
        charset = str(part.get_content_charset() or "")
    except (UnicodeError, LookupError):
        charset = ""
    return headers.decoded(_bytes_of(part), charset)


def _kept(files: list[Mail], into: Path, shown: frozenset[str]) -> Iterator[Sent]:
    for number, part in enumerate(files):
        raw = _bytes_of(part)
        if not raw:
            continue
        place = f"part-{number}"
        (into / place).write_bytes(raw)
        cid = headers.plain(str(part.get("content-id", ""))).strip().strip("<>")[:250]
        yield Sent(
            name=_name(part), type=part.get_content_type()[:100], size=len(raw),
            sha256=hashlib.sha256(raw).hexdigest(), place=place, cid=cid, inline=bool(cid) and cid in shown,
        )  # fmt: skip


def _name(part: Mail) -> str:
    try:
        given = headers.words(part.get_filename() or "", 200)
    except (UnicodeError, ValueError, TypeError):
        given = ""
    return given or _NAMED.get(part.get_content_type(), f"file.{part.get_content_subtype()[:10]}")


def _forwarded(subject: str, blocks: list[Block], parts: list[Mail], sender: str) -> str:
    """Whose mail was passed on, where the subject says that one was."""
    if not _FORWARDS.match(subject):
        return ""
    for part in parts:
        if part.get_content_type() == "message/rfc822" and (inside := _inside(part)):
            found = headers.addresses(inside[0], "from")
            return found[0][1] if found and found[0][1] != sender else ""
    quoted = "\n".join(block.text[:5000] for block in blocks if block.part != Part.OWN)
    named = _FORWARDED.search(quoted[:20_000])
    address = named[1].lower() if named else ""
    return address if address and address != sender else ""
