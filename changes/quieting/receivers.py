"""What is done when a change moves: one operation, here and now, and no network."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from changes.change.models import Change
from changes.quieting.operations import follow
from itsm.lifecycle import RecordEvent

_WINDOW = frozenset({"window_start", "window_end"})
_MATTERS = frozenset({"status", "service_id", "environment", "outage_services"}) | _WINDOW


def change_moved(sender: type[Change], news: RecordEvent, **_sent: Any) -> None:
    """It is approved, begins, ends, or its window moves."""
    if moves([news]):
        follow(news.record, at=news.at or timezone.now())


def moves(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that say something about when it is at work, and on what. Without a window nothing is quiet."""
    told = [one for one in news if one.step is not None or _MATTERS & one.changes.keys()]
    return [one for one in told if one.record.window_start is not None or _WINDOW & one.changes.keys()]
