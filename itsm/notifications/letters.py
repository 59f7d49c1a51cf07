"""A mail to one person, before it is put into an envelope: what stands above may do that in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage

from itsm.configuration.reading import MailServer
from itsm.notifications.models import Notification


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in its parts: the words, where its record stands, what is for its reader alone, why it came.

    The same `key` is the same mail. `is_collected`: it gathers several pieces of news.
    """

    to: Any
    subject: str
    body: str
    key: str
    link: str = ""
    ending: str = ""
    why: str = ""
    notification: Notification | None = None
    is_collected: bool = False

    @property
    def text(self) -> str:
        """All of it, as plain text."""
        return "\n\n".join([self.body, *(part for part in (self.link, self.ending, self.why) if part)])


Carrier = Callable[[Letter], bool]
_carriers: list[Carrier] = []


def enveloped(carrier: Carrier) -> None:
    """`carrier` sends a letter, or says False: then the next one does, and in the end it leaves as it is.

    What it raises leaves the letter owed. Called once, at start.
    """
    _carriers.append(carrier)


def send(letter: Letter) -> None:
    """To a person; nothing to who has no address or has left."""
    if not letter.to.email or not letter.to.is_active:
        return
    if not any(carrier(letter) for carrier in _carriers):
        _as_it_is(letter).send()


def _as_it_is(letter: Letter) -> EmailMessage:
    return EmailMessage(
        subject=" ".join(letter.subject.split()),
        body=f"{letter.text}\n",
        from_email=MailServer().sender,
        to=[letter.to.email],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<{letter.key}@headroom.invalid>"},
    )
