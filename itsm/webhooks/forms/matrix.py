"""Matrix: one message for each record, which every later event edits (m.replace). The transaction is our message's id.

The address is that of the homeserver, the room an id (!abc:example.org) that the token's user has joined.
"""

from html import escape
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from itsm.notifications.outgoing import Answer
from itsm.webhooks import chat
from itsm.webhooks.forms import Call
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent


def render(endpoint: WebhookEndpoint, event: WebhookEvent) -> Call:
    """A PUT: sent twice it is one message. Raises CredentialMissing."""
    content, before = _content(event), chat.message_of(endpoint, event)
    if before:
        edited = {**content, "body": f"* {content['body']}"}
        content = {**edited, "m.new_content": content, "m.relates_to": {"rel_type": "m.replace", "event_id": before}}
    room = quote(chat.room_of(endpoint), safe="")
    url = f"{endpoint.address.rstrip('/')}/_matrix/client/v3/rooms/{room}/send/m.room.message/{event.key}"
    return Call("PUT", url, {"Content-Type": "application/json"}, chat.as_json(content), chat.signs_in(endpoint))


def heard(endpoint: WebhookEndpoint, event: WebhookEvent, answer: Answer) -> None:
    """The first message is the one that is edited; an edit has an id of its own, which nobody edits."""
    if not chat.message_of(endpoint, event):
        chat.keep_message(endpoint, event, str(chat.answered(answer).get("event_id", "")))


def wrong(endpoint: WebhookEndpoint) -> dict[str, list[str]]:
    if found := chat.wrong_options(endpoint, bot=True, must=True):
        return found
    is_id = chat.room_of(endpoint).startswith("!")
    return {} if is_id else {"options": [_("A room's id begins with !: it stands in its settings, under Advanced.")]}


def _content(event: WebhookEvent) -> dict[str, Any]:
    said = chat.said_of(event)
    html = (
        f'<b><a href="{escape(said.url)}">{escape(said.reference)}</a></b> {escape(said.title)}<br>{escape(said.tail)}'
    )
    return {
        "msgtype": "m.notice",
        "body": f"{said.reference} {said.title}\n{said.tail}\n{said.url}",
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        "m.mentions": {},
    }
