"""Every piece of news of a record that some endpoint wants becomes a message, in the transaction that makes it news.

Which endpoints there are is read every two seconds in each process, and at once in the one that changes them: most
desks have few, and most news is nobody's.
"""

import time
from collections.abc import Collection, Sequence
from typing import Any

from itsm.lifecycle import RecordEvent, record_changed
from itsm.webhooks import events, pictures
from itsm.webhooks.models import WebhookEndpoint
from itsm.webhooks.pictures import kind_of

LOOK = 2.0  # seconds


class _Endpoints:
    """Those to which something is sent, as they stood a moment ago."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._found: list[WebhookEndpoint] = []

    def __call__(self) -> list[WebhookEndpoint]:
        if time.monotonic() - self._read_at > LOOK:
            self._found = list(WebhookEndpoint.objects.on())
            self._read_at = time.monotonic()
        return self._found

    def forget(self) -> None:
        self._read_at = float("-inf")

    def say_none(self) -> None:
        """For good: of a process that tells nobody, such as a test that does not ask for it."""
        self._read_at, self._found = float("inf"), []


endpoints = _Endpoints()


def wanting(news: RecordEvent) -> list[WebhookEndpoint]:
    """The endpoints that want this type, wherever the record lies."""
    pictured = kind_of(getattr(news.record, "kind", ""))
    if pictured is None or not (found := endpoints()):
        return []
    type_ = events.type_of(news)
    if type_.partition(".")[2] not in pictured.events:
        return []
    wanted = [one for one in found if one.wants(type_)]
    return [] if wanted and pictured.discreet(news) else wanted


def tell(sender: Any, news: RecordEvent, **_sent: Any) -> None:
    if found := wanting(news):
        events.owe(news, found)
    if endpoints() and events.is_confidential(news):
        events.take_back(news, endpoints())


def acts_on(news: Sequence[RecordEvent]) -> Collection[RecordEvent]:
    return [one for one in news if wanting(one) or (endpoints() and events.is_confidential(one))]


def listen() -> None:
    """Called once, at start, before the models that other systems may hear of register."""
    pictures.each_model(
        lambda model: record_changed.connect(
            tell, sender=model, dispatch_uid=f"webhooks: {model.__name__}", acts_on=acts_on
        )
    )
