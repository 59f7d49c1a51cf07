"""What is offered stays within the audience of its service."""

from typing import Any

from catalog.agreements.operations import keep_within
from catalog.services.models import Service
from itsm.lifecycle import RecordEvent, record_changed


def offerings_stay_within(sender: type[Service], news: RecordEvent, **_sent: Any) -> None:
    """Within the transaction that narrowed the audience of a service."""
    if "audience" in news.changes and news.event != f"{Service.kind}.created":
        keep_within(news.record, actor=news.actor)


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(
        offerings_stay_within, sender=Service, dispatch_uid="agreements: offerings stay within their service"
    )
