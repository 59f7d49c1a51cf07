"""Asking a gateway for phones: one HTTP exchange, its body from a template, its answer read by pointers."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from django.utils.translation import gettext as _

from itsm.kernel import strangers
from itsm.notifications import outgoing
from itsm.notifications.credentials import NOBODY, Credentials, credentials_of
from itsm.notifications.outgoing import OutgoingFailed
from itsm.paging.models import PagingProvider

SECONDS = 8.0
_READ = 16_000
_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
NAMES = ("to", "text", "id")


@dataclass(frozen=True, slots=True)
class Said:
    """What a gateway answered: what may be shown of it, and its own number for the message."""

    words: str
    their_id: str


def send(provider: PagingProvider, *, to: str, text: str, key: str) -> Said:
    """Ask for one message or call. The same `key` is the same message to the gateway.

    Raises OutgoingFailed (no answer, or one that says no) and OutgoingRefused (also CredentialMissing).
    """
    credentials = credentials_for(provider)
    answer = outgoing.fetch(
        "POST", provider.url, body=rendered(provider, to=to, text=text, key=key).encode(),
        headers={"Content-Type": _TYPES[provider.body], "Accept": "application/json"}, credentials=credentials,
        timeout=SECONDS, cut_at=_READ,
    )  # fmt: skip
    words = f"{answer.status} {outgoing.excerpt(answer.body, credentials)}".strip()
    if not 200 <= answer.status < 300:
        raise OutgoingFailed(words)
    if not provider.ok_pointer and not provider.id_pointer:
        return Said(words, "")
    try:
        document = strangers.read(answer.body)
    except (ValueError, RecursionError):
        document = None
    if provider.ok_pointer and _text(pointed(document, provider.ok_pointer)) != provider.ok_value:
        raise OutgoingFailed(_("It does not say that it took it: %(words)s") % {"words": words})
    return Said(words, _text(pointed(document, provider.id_pointer))[:120] if provider.id_pointer else "")


def credentials_for(provider: PagingProvider) -> Credentials:
    """Read now. Raises CredentialMissing."""
    if provider.auth == PagingProvider.Auth.NONE:
        return NOBODY
    return credentials_of("basic" if provider.auth == "basic" else "bearer", provider.credential, provider.username)


def rendered(provider: PagingProvider, *, to: str, text: str, key: str) -> str:
    """The body: {to}, {text} and {id} filled in once, as what stands inside a JSON string, or as form values."""
    body = provider.template
    is_json = provider.body == PagingProvider.Body.JSON
    values = {"{to}": to, "{text}": text, "{id}": key}
    parts, rest = [], body
    while rest:
        found = [(rest.index(name), name) for name in values if name in rest]
        if not found:
            parts.append(rest)
            break
        place, name = min(found)
        value = values[name]
        parts += [rest[:place], json.dumps(value)[1:-1] if is_json else quote_plus(value)]
        rest = rest[place + len(name) :]
    return "".join(parts)


def pointed(document: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to; None where it leads nowhere."""
    for raw in pointer.split("/")[1:]:
        name = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isascii() and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def _text(value: Any) -> str:
    """As an administrator writes it: true, false, 0, queued."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
