"""Mattermost. An incoming webhook gets a short message for each event; a bot (a channel's id and a token) keeps one.

Incoming webhooks answer `ok`: the message has no name, so it can be neither changed nor answered. A bot's address is
that of the server; it posts to /api/v4/posts.
"""

from itsm.notifications.outgoing import Answer
from itsm.webhooks import chat
from itsm.webhooks.forms import Call
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent

_JSON = {"Content-Type": "application/json"}


def render(endpoint: WebhookEndpoint, event: WebhookEvent) -> Call:
    """A message, or the change of the one that shows this record. Raises CredentialMissing."""
    room, text = chat.room_of(endpoint), _text(event)
    if not room:
        return Call("POST", endpoint.address, _JSON, chat.as_json({"text": text}))
    posts, before = f"{endpoint.address.rstrip('/')}/api/v4/posts", chat.message_of(endpoint, event)
    if before:
        body = chat.as_json({"message": text})
        return Call("PUT", f"{posts}/{before}/patch", _JSON, body, chat.signs_in(endpoint))
    body = chat.as_json({"channel_id": room, "message": text})
    return Call("POST", posts, _JSON, body, chat.signs_in(endpoint))


def refusal(endpoint: WebhookEndpoint, event: WebhookEvent, answer: Answer) -> str:
    """A message that is gone there is forgotten here; the status says the rest."""
    if answer.status == 404 and chat.room_of(endpoint):
        chat.forget_message(endpoint, event)
    return ""


def heard(endpoint: WebhookEndpoint, event: WebhookEvent, answer: Answer) -> None:
    name = str(chat.answered(answer).get("id", ""))
    if chat.room_of(endpoint) and name.isalnum():
        chat.keep_message(endpoint, event, name)


def wrong(endpoint: WebhookEndpoint) -> dict[str, list[str]]:
    return chat.wrong_options(endpoint, bot=True)


def _text(event: WebhookEvent) -> str:
    said = chat.said_of(event)
    link = f"[{chat.in_markdown(said.reference)}]({said.url})"
    return f"**{link}** {chat.in_markdown(said.title)}\n{chat.in_markdown(said.tail)}"
