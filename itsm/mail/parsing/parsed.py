"""What is known of a mail once it was read: plain values that cross from the child as JSON.

Addresses are lower case. Texts hold no NUL, no half of a pair and no carriage return.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class TooMuch(Exception):
    """A mail above one of the limits. `code`: headers, addresses, nested, depth, parts, memory, time, unreadable;
    `there`: how many, where it was counted."""

    def __init__(self, code: str, there: int = 0) -> None:
        super().__init__(code)
        self.code, self.there = code, there


class Part(StrEnum):
    """What a piece of the text is."""

    OWN = "own"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the text, in its order. `part`: own words, quoted ones, or a signature."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came along. `place`: its name in the folder that the reader was given; `cid`: how the HTML calls it,
    `inline`: and it does."""

    name: str
    type: str
    size: int
    sha256: str
    place: str
    cid: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Of one recipient in a delivery status notification (RFC 3464). `status` such as 5.1.1."""

    address: str
    action: str
    status: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Dsn:
    """A delivery status notification: what became of the mail with this Message-ID ("" where it is not said)."""

    original_id: str
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """One mail. `automatic`: why it counts as sent by a program, "" for a person; `flags`: what is odd about it;
    `forwarded_from`: whose mail was passed on; `loop`: what our own header says; `delivered_to`: where it arrived."""

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    date: str = ""
    references: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    own_text: str = ""
    blocks: tuple[Block, ...] = ()
    html: str = ""
    sent: tuple[Sent, ...] = ()
    automatic: str = ""
    loop: str = ""
    dsn: Dsn | None = None
    forwarded_from: str = ""
    flags: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """All of it, quotations too."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def addressed(self) -> tuple[str, ...]:
        """Everywhere it was sent to."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.delivered_to)))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        dsn = said.pop("dsn")
        lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        return cls(
            **{
                **said,
                **lists,
                "blocks": tuple(Block(**one) for one in said["blocks"]),
                "sent": tuple(Sent(**one) for one in said["sent"]),
                "dsn": Dsn(dsn["original_id"], tuple(Failure(**one) for one in dsn["failures"])) if dsn else None,
            }
        )
