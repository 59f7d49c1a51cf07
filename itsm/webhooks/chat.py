"""What chats are told of a record: a line that says what happened, how it stands, and a link. Nothing acts from there.

Text that people wrote is escaped for each platform, so that a title neither pings a channel nor draws a link.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.kernel import strangers
from itsm.notifications.credentials import NOBODY, Credentials, credentials_of
from itsm.notifications.outgoing import Answer
from itsm.notifications.web_addresses import our_address
from itsm.webhooks.models import ChatMessage, WebhookEndpoint, WebhookEvent
from itsm.webhooks.vocabulary import PROBE, TAKEN_BACK, TEST

ROOM = "room"  # the word of `options` that names a channel or room
_FACTS = ("status", "priority")
_QUIET = "\N{ZERO WIDTH SPACE}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, nothing escaped yet. `facts`: how the record stands now."""

    reference: str
    title: str
    happened: str
    facts: tuple[str, ...]
    url: str

    @property
    def tail(self) -> str:
        return " · ".join((self.happened, *self.facts))


def said_of(event: WebhookEvent) -> Said:
    """Read from the body as it is sent elsewhere: what is thin says less."""
    data = json.loads(event.body).get("data", {})
    facts = tuple(f"{name}: {data[name]}" for name in _FACTS if isinstance(data.get(name), str | int))
    happened = _words(event.type)
    return Said(event.reference, event.title, happened, facts, our_address(event.path))


def _words(type_: str) -> str:
    if type_.endswith(f".{TAKEN_BACK}"):
        return _("it is confidential now: read it there, signed in")
    if type_ == PROBE:
        return _("the weekly check that this channel still hears: nothing happened")
    if type_ == TEST:
        return _("a test: nothing happened")
    return type_.partition(".")[2].replace("_", " ")


def room_of(endpoint: WebhookEndpoint) -> str:
    """The channel or room, "" where the address is that of one."""
    return str(endpoint.options.get(ROOM, ""))


def signs_in(endpoint: WebhookEndpoint) -> Credentials:
    """The bot's token, by name. Raises CredentialMissing."""
    return credentials_of("bearer", endpoint.credential) if endpoint.credential else NOBODY


def message_of(endpoint: WebhookEndpoint, event: WebhookEvent) -> str:
    """What the platform calls the message that shows this record; "" where there is none yet."""
    found = _messages(endpoint, event).values_list("thread", flat=True).first()
    return str(found or "")


def keep_message(endpoint: WebhookEndpoint, event: WebhookEvent, thread: str) -> None:
    """From now on this message is changed. One record has one in each chat."""
    record_id: Any = event.record_id
    if record_id is not None and thread:
        ChatMessage.objects.update_or_create(
            endpoint=endpoint, record_kind=event.record_kind, record_id=record_id,
            defaults={"thread": thread[:255], "at": timezone.now()},
        )  # fmt: skip


def forget_message(endpoint: WebhookEndpoint, event: WebhookEvent) -> None:
    """It is gone there: the next try makes another."""
    _messages(endpoint, event).delete()


def _messages(endpoint: WebhookEndpoint, event: WebhookEvent) -> Any:
    return ChatMessage.objects.filter(endpoint=endpoint, record_kind=event.record_kind, record_id=event.record_id or 0)


def answered(answer: Answer) -> Mapping[str, Any]:
    """What the platform said, as an object; empty for anything else."""
    try:
        said = strangers.read(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def in_slack(text: str) -> str:
    """Slack's three signs; without them neither <!channel> nor a link is one."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_markdown(text: str) -> str:
    """Nothing of it is Markdown, and nobody is mentioned."""
    plain = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~])", r"\\\1", " ".join(text.split()))
    return plain.replace("@", f"@{_QUIET}").replace("://", f":{_QUIET}//")


def as_json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def wrong_options(endpoint: WebhookEndpoint, *, bot: bool, must: bool = False) -> dict[str, list[str]]:
    """What of room and credential cannot be. `bot`: both together or neither; `must`: both."""
    room = endpoint.options.get(ROOM, "")
    if set(endpoint.options) - {ROOM} or not isinstance(room, str) or len(room) > 255:
        return {"options": [_("Only %(name)s, a text, is read.") % {"name": ROOM}]}
    if not bot:
        return {"options": [_("Its address is that of one channel: leave room and credential empty.")]} if (
            room or endpoint.credential
        ) else {}  # fmt: skip
    if must and not (room and endpoint.credential):
        return {"options": [_("Name a room, and the credential with the token of its member.")]}
    if bool(room) != bool(endpoint.credential):
        return {
            "options": [_("A bot needs both a room and the credential with its token; an incoming webhook neither.")]
        }
    return {}
