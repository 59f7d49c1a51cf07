"""What a message looks like, one module for each form: `render(endpoint, event) -> Call`.

A form may also define `heard(endpoint, event, answer)`, called after a success: what the platform calls the message is
kept there (`ChatMessage`), so that the next event of the record changes that message instead of adding one;
`refusal(endpoint, event, answer)`, why an answer is none whatever its status, "" where it is one; and
`wrong(endpoint)`, what of its options cannot be, by field.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from itsm.notifications.credentials import NOBODY, Credentials
from itsm.notifications.outgoing import Answer

if TYPE_CHECKING:
    from itsm.webhooks.models import WebhookEndpoint, WebhookEvent


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `credentials` sign in where the platform wants that (a bearer token, by name)."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    credentials: Credentials = field(default=NOBODY)


Heard = Callable[["WebhookEndpoint", "WebhookEvent", Answer], None]
Refusal = Callable[["WebhookEndpoint", "WebhookEvent", Answer], str]


def module_of(form: str) -> Any:
    """The module of a form (`vocabulary.Form`)."""
    return import_module(f"itsm.webhooks.forms.{form}")


def render(endpoint: "WebhookEndpoint", event: "WebhookEvent") -> Call:
    """The request that tells this endpoint of this event. Raises CredentialMissing."""
    rendered: Call = module_of(endpoint.form).render(endpoint, event)
    return rendered


def heard(endpoint: "WebhookEndpoint", event: "WebhookEvent", answer: Answer) -> None:
    listen: Heard | None = getattr(module_of(endpoint.form), "heard", None)
    if listen is not None:
        listen(endpoint, event, answer)


def refusal(endpoint: "WebhookEndpoint", event: "WebhookEvent", answer: Answer) -> str:
    """Why the platform did not take it, whatever its status says; "" where it did."""
    judge: Refusal | None = getattr(module_of(endpoint.form), "refusal", None)
    return judge(endpoint, event, answer) if judge is not None else ""


def wrong(endpoint: "WebhookEndpoint") -> dict[str, list[str]]:
    """What of an endpoint's options its form cannot use, by field. The form is one that there is."""
    judge: Callable[[WebhookEndpoint], dict[str, list[str]]] | None
    judge = getattr(module_of(endpoint.form), "wrong", None)
    return judge(endpoint) if judge is not None else {}
