"""Which record a mail belongs to, by what only we can have written.

Our Message-IDs are `<kind.id.n.SIGN@domain>`, and who answers us writes to `local+token@domain`. Both carry a keyed
hash of a key derived from the instance's: the token's also of its mailbox, of whom it was sent to, and of the day on
which it ends. Which of its own a mail may touch is judged by whoever hears it: a true Message-ID is known to everybody
who was ever sent it.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from typing import Literal

from django.utils.crypto import constant_time_compare, salted_hmac

from itsm.mail.models import IncomingMail, Mailbox, OutgoingMail
from itsm.mail.names import our_domains, plain

TOKEN_DAYS = 400
MAX_REFERENCES = 20
MAX_READ = 100  # references and recipients of one mail that are looked at
_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
_SIGNS = 20  # of base32: 100 bits
_EPOCH = date(2026, 1, 1)
_MESSAGE_ID = re.compile(
    r"<([a-z_]{1,30})\.(\d{1,18})\.([a-z0-9-]{1,40})\.([a-z2-7]{20})@([^<>@\s]{1,255})>", re.I | re.A
)
_TOKEN = re.compile(r"([a-z_]{1,30})\.(\d{1,18})\.(\d{1,5})\.([a-z2-7]{20})", re.I | re.A)

How = Literal["references", "token"]


@dataclass(frozen=True, slots=True)
class Thread:
    """The record that a mail answers on, and by what that was seen."""

    kind: str
    record_id: int
    how: How


@dataclass(frozen=True, slots=True)
class Forged:
    """It says that it answers on one of ours, by something that we did not write, or wrote to somebody else."""

    kind: str
    record_id: int


def message_id_for(kind: str, record_id: int, n: int | str, domain: str) -> str:
    """The Message-ID of the n-th mail about a record, the same whenever it is asked for. `n`: digits, letters, "-"."""
    said = f"{kind}.{record_id}.{n}".lower()
    return f"<{said}.{_sign('message', said)}@{domain}>"


def token_address(mailbox: Mailbox, kind: str, record_id: int, recipient: str, *, at: datetime) -> str:
    """Where this recipient answers about a record: `local+token@domain`; the mailbox's own where that grows too long.

    The token ends after TOKEN_DAYS, and each later mail brings a newer one.
    """
    local, _at, domain = mailbox.address.rpartition("@")
    ends = (at.astimezone(UTC).date() + timedelta(days=TOKEN_DAYS) - _EPOCH).days
    said = f"{kind}.{record_id}.{ends}"
    whole = f"{local}+{said}.{_sign('token', said, plain(mailbox.address), plain(recipient))}"
    return f"{whole}@{domain}" if len(whole) <= _LOCAL_PART else mailbox.address


def thread_of(
    *, references: Sequence[str], recipients: Sequence[str], sender: str, at: datetime
) -> Thread | Forged | None:
    """What a mail answers on: by its `references` (In-Reply-To among them), newest first, then by its recipients.

    `references`: Message-IDs with their brackets, oldest first as in the header. `recipients`: every address that it
    was sent to (To, Cc, Delivered-To). One that holds wins over any that does not; None where it names nothing of ours.
    """
    forged: Forged | None = None
    for found in (*_by_references(references), *_by_tokens(recipients, sender, at)):
        if isinstance(found, Thread):
            return found
        forged = forged or found
    return forged


def earlier_ids(kind: str, record_id: int, person: str, *, before: str = "") -> list[str]:
    """The Message-IDs of what was said about a record to this address and from it, oldest first, at most
    MAX_REFERENCES: mail programs find their owner's own mail among them.

    `before`: the mail that asks, which is none of its own references.
    """
    here = {"record_kind": kind, "record_id": record_id}
    sent = OutgoingMail.objects.filter(**here, to=plain(person)).exclude(message_id=before)
    # What a program sent in somebody's absence is answered by nobody, and stands above no answer.
    came = IncomingMail.objects.filter(**here, sender=plain(person), automatic="").exclude(message_id="")
    both = [  # of each the newest first
        *sent.order_by("-id").values_list("at", "message_id")[:MAX_REFERENCES],
        *came.order_by("-id").values_list("received_at", "message_id")[:MAX_REFERENCES],
    ]
    both.reverse()  # what was said at one instant stays in its order
    in_time = sorted(both, key=lambda one: one[0])
    return list(dict.fromkeys(message_id for _at, message_id in in_time))[-MAX_REFERENCES:]


def loop_mark() -> str:
    """What every mail of this instance carries in X-Headroom-Loop, and nobody else's does: it came back to us."""
    return _sign("loop")


def _by_references(references: Sequence[str]) -> Iterator[Thread | Forged]:
    ours: set[str] | None = None
    for one in list(reversed(references))[:MAX_READ]:
        if (match := _MESSAGE_ID.fullmatch(one.strip())) is None:
            continue
        kind, number, n, sign, domain = (part.lower() for part in match.groups())
        if constant_time_compare(sign, _sign("message", f"{kind}.{number}.{n}")):
            yield Thread(kind, int(number), "references")
            continue
        ours = our_domains() if ours is None else ours
        if domain in ours:  # another desk of this kind writes its own, which say nothing here
            yield Forged(kind, int(number))


def _by_tokens(recipients: Sequence[str], sender: str, at: datetime) -> Iterator[Thread | Forged]:
    tagged = [parts for one in recipients[:MAX_READ] if (parts := _tagged(one)) is not None]
    if not tagged:
        return
    boxes = {address: box for box in Mailbox.objects.all() for address in box.addresses}
    today = (at.astimezone(UTC).date() - _EPOCH).days
    for address, match in tagged:
        if (box := boxes.get(address)) is None:
            continue
        kind, number, ends, sign = (part.lower() for part in match.groups())
        expected = _sign("token", f"{kind}.{number}.{ends}", plain(box.address), plain(sender))
        holds = constant_time_compare(sign, expected) and int(ends) >= today
        yield Thread(kind, int(number), "token") if holds else Forged(kind, int(number))


def _tagged(recipient: str) -> tuple[str, re.Match[str]] | None:
    """(the address without its tag, the tag's parts) where the tag has the shape of a token."""
    local, _at, domain = plain(parseaddr(recipient)[1]).rpartition("@")
    name, _plus, tag = local.partition("+")
    match = _TOKEN.fullmatch(tag)
    return None if match is None else (f"{name}@{domain}", match)


def _sign(*said: str) -> str:
    digest = salted_hmac("itsm.mail.threads", "\n".join(said), algorithm="sha256").digest()
    return base64.b32encode(digest).decode("ascii").lower()[:_SIGNS]
