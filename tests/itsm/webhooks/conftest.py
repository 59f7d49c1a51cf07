"""A receiver of one's own, an endpoint that leads there, and news that reaches it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.webhooks import operations
from itsm.webhooks.models import WebhookEndpoint
from itsm.webhooks.receivers import endpoints
from tests.itsm.scripted_server import Scripted, scripted


@pytest.fixture
def receiver(settings: Any) -> Iterator[Scripted]:
    with scripted() as script:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{script.port}"]
        yield script


@pytest.fixture
def keep(admin: User) -> Callable[..., WebhookEndpoint]:
    """Make an endpoint; what happens from then on reaches it. `secret` is on it, as its receiver was told it."""

    def make(url: str, events: Any = ("*",), name: str = "Ledger", **said: Any) -> WebhookEndpoint:
        made, secret = operations.create(
            actor=actor_for(admin, Door.WEB), name=name, url=url, events=events, **said
        )  # fmt: skip
        made.secret = secret
        endpoints.forget()
        return made

    return make


@pytest.fixture
def open_one(agent: User) -> Callable[..., Incident]:
    def make(title: str = "Mail is down", **said: Any) -> Incident:
        endpoints.forget()
        return incidents.open_incident(actor=actor_for(agent, Door.WEB), title=title, **said)

    return make


def leave(seconds: float = 1.0) -> int:
    """What is owed to webhooks now leaves. How many did."""
    return outbox.relay(timezone.now() + timedelta(seconds=seconds), 10_000, lanes=(Lane.WEBHOOK,))


def bodies(receiver: Scripted) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in receiver.asked]
