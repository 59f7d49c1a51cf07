"""Microsoft Teams, by a workflow ("When a Teams webhook request is received"): an adaptive card for each event.

The connectors of Office 365 are retired. A workflow answers 202 before it posts, and names no message: none is changed.
A flow whose owner left is switched off, and then refuses what is sent: quiet ones are asked once a week (`probing`).
"""

from typing import Any

from django.utils.translation import gettext as _

from itsm.webhooks import chat
from itsm.webhooks.forms import Call
from itsm.webhooks.models import WebhookEndpoint, WebhookEvent

_CARD = "application/vnd.microsoft.card.adaptive"


def render(endpoint: WebhookEndpoint, event: WebhookEvent) -> Call:
    """A POST of one card."""
    content = {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": _card(event)}]}
    return Call("POST", endpoint.address, {"Content-Type": "application/json"}, chat.as_json(content))


def wrong(endpoint: WebhookEndpoint) -> dict[str, list[str]]:
    return chat.wrong_options(endpoint, bot=False)


def _card(event: WebhookEvent) -> dict[str, Any]:
    said = chat.said_of(event)
    title = f"{said.reference} {said.title}".strip()
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": chat.in_markdown(title), "weight": "Bolder", "wrap": True},
            {"type": "TextBlock", "text": chat.in_markdown(said.tail), "isSubtle": True, "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": _("Open in Headroom"), "url": said.url}],
    }
