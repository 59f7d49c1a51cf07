"""News of models that concern who uses them."""

from typing import Any

from django.utils import timezone

from changes.model_review import operations
from itsm.lifecycle import RecordEvent


def model_changed(sender: Any, news: RecordEvent, **_: Any) -> None:
    """A suspension is told to who uses the model."""
    if news.event == "change_model.suspended":
        operations.tell_users(news.record, news.at or timezone.now())
