"""What records do with mail: apps say it of their kinds of records in `AppConfig.ready()`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from itsm.accounts.models import Team, User
from itsm.files.receiving import Received
from itsm.files.vocabulary import MAX_BYTES, MAX_ON_RECORD
from itsm.kernel.actors import Actor
from itsm.mail.models import IncomingMail
from itsm.mail.parsing.parsed import Parsed, Sent
from itsm.mail.reasons import Did, Reason
from itsm.mail.undeliverable import Bounced

MOST_OF_A_NOTE = 20_000  # characters


class Aside(Exception):
    """A mail that no record takes. `is_parked`: a person decides about it; else it is ignored."""

    def __init__(self, reason: Reason, there: int = 0, *, is_parked: bool = True) -> None:
        super().__init__(str(reason.value))
        self.reason, self.there, self.is_parked = reason, there, is_parked


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail on its way to a record. `actor`: the sender; `team`: whose mailbox it came to; `is_proven`: it answers a
    mail that we sent to this very address, so that nobody else's word is taken for theirs. `folder`: its files."""

    mail: IncomingMail
    parsed: Parsed
    person: User
    actor: Actor
    team: Team
    at: datetime
    folder: Path
    is_proven: bool = False

    @property
    def words(self) -> str:
        """What its writer said."""
        return cut(self.parsed.own_text)

    @property
    def everything(self) -> str:
        """All of it, quotations too, since in a first mail they are what it is about."""
        return cut(self.parsed.text)

    def received(self) -> list[tuple[Sent, Received]]:
        """Its files as the operations of files take them: what was attached before pictures in the text."""
        kept = [one for one in self.parsed.sent if one.size <= MAX_BYTES]
        kept.sort(key=lambda one: one.inline)
        return [(one, received(one.name, (self.folder / one.place).read_bytes())) for one in kept[:MAX_ON_RECORD]]


def received(name: str, content: bytes) -> Received:
    """Bytes as if somebody had sent them with a form."""
    made = Received(name)
    made.take(content)
    made.whole()
    return made


def cut(text: str, most: int = MOST_OF_A_NOTE) -> str:
    """As much as a note holds; the original has the rest."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What followed. `shown`: (cid, id of the attachment) of pictures that stand in the text."""

    record: Any
    did: Did
    note_id: int | None = None
    shown: Sequence[tuple[str, int]] = field(default=())


class Handler(NamedTuple):
    """What one kind of records does with mail.

    `find(id)`: the record, or None. `takes_part(actor, record)`: whether the sender may answer on it.
    `is_confidential(record)`: then strangers get no hint that it is there. `hear`: a reply. `note`: what a program sent
    on its thread, or a person who may not speak there. `bounced`: a mail about it did not arrive, or not yet.
    Each runs in the transaction of the mail; what they refuse (`itsm.kernel.errors`) parks it.
    """

    find: Callable[[int], Any]
    takes_part: Callable[[Actor, Any], bool]
    is_confidential: Callable[[Any], bool]
    hear: Callable[[Any, Heard], Outcome]
    note: Callable[[Any, Parsed, User | None, datetime], Outcome]
    bounced: Callable[[Any, Bounced, datetime], Outcome]


_handlers: dict[str, Handler] = {}
_prefixes: dict[str, str] = {}
_openers: list[Callable[[Heard], Outcome]] = []


def register(kind: str, handler: Handler, *, prefix: str = "") -> None:
    """Records of this kind take answers by mail. `prefix`: of their references, such as INC, in a subject."""
    _handlers[kind] = handler
    if prefix:
        _prefixes[prefix] = kind


def opens(open_record: Callable[[Heard], Outcome]) -> None:
    """Say what a mail that answers nothing becomes. Called once, by who keeps what people report."""
    _openers[:] = [open_record]


def handler_of(kind: str) -> Handler | None:
    """Who hears mail for this kind; None where nobody does."""
    return _handlers.get(kind)


def kinds_by_prefix() -> dict[str, str]:
    """Prefix of references -> kind, of all that take answers."""
    return dict(_prefixes)


def open_new(heard: Heard) -> Outcome:
    """Make a record of a mail. Raises what the opening operation raises, Aside where nobody opens any."""
    if not _openers:
        raise Aside(Reason.UNHEARD)
    return _openers[0](heard)
