"""Slack. An incoming webhook gets a short message for each event; a bot (a room and a token) keeps one up to date.

Incoming webhooks answer `ok` and nothing that names the message, so it cannot be changed. A bot's address is
https://slack.com/api/; it needs the scope chat:write, and answers 200 also where it refuses.
"""

from typing import Any

from itsm.notifications.outgoing import Answer
from itsm.webhooks import chat
from itsm.webhooks.forms import Call
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent

_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_JSON = {"Content-Type": "application/json; charset=utf-8"}


def render(endpoint: WebhookEndpoint, event: WebhookEvent) -> Call:
    """A message, or the change of the one that shows this record. Raises CredentialMissing."""
    room, body = chat.room_of(endpoint), _message(event)
    if not room:
        return Call("POST", endpoint.address, _JSON, chat.as_json(body))
    before = chat.message_of(endpoint, event)
    method = "chat.update" if before else "chat.postMessage"
    body |= {"channel": room, **({"ts": before} if before else {})}
    url = f"{endpoint.address.rstrip('/')}/{method}"
    return Call("POST", url, _JSON, chat.as_json(body), chat.signs_in(endpoint))


def refusal(endpoint: WebhookEndpoint, event: WebhookEvent, answer: Answer) -> str:
    """Why a 200 is none; "" where it is one."""
    said = chat.answered(answer)
    if not chat.room_of(endpoint) or said.get("ok") is True:
        return ""
    why = str(said.get("error", "no answer of Slack's"))
    if why in _GONE:
        chat.forget_message(endpoint, event)
    return why


def heard(endpoint: WebhookEndpoint, event: WebhookEvent, answer: Answer) -> None:
    if chat.room_of(endpoint):
        chat.keep_message(endpoint, event, str(chat.answered(answer).get("ts", "")))


def wrong(endpoint: WebhookEndpoint) -> dict[str, list[str]]:
    return chat.wrong_options(endpoint, bot=True)


def _message(event: WebhookEvent) -> dict[str, Any]:
    said = chat.said_of(event)
    link = f"<{chat.in_slack(said.url)}|{chat.in_slack(said.reference).replace('|', ' ')}>"
    text = f"*{link}* {chat.in_slack(said.title)}\n{chat.in_slack(said.tail)}"
    return {"text": text, "unfurl_links": False, "unfurl_media": False}
