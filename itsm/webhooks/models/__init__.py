"""Endpoints, what happened that they are told, and what was sent to whom."""

from itsm.webhooks.models.chats import ChatAccount, ChatMessage, SlashCall
from itsm.webhooks.models.endpoints import (
    MAX_EVENTS,
    MAX_URL,
    EndpointQuerySet,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    new_key,
)

__all__ = [
    "MAX_EVENTS",
    "MAX_URL",
    "ChatAccount",
    "ChatMessage",
    "EndpointQuerySet",
    "SlashCall",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "new_key",
]
