"""What becomes of items becomes of the questions about them."""

from typing import Any

from catalog.health.operations.merged import lines_come_back, lines_go_on
from itsm.lifecycle import RecordEvent


def follow_life(sender: type, news: RecordEvent, **_: Any) -> None:
    """Receiver of the news of items: one lives on in another, or has its own life back."""
    if news.event not in ("ci.merged", "ci.split") or "merged_into_id" not in news.changes:
        return
    before, after = news.changes["merged_into_id"]
    if after is not None:
        lines_go_on(news.record.pk, after)
    else:
        lines_come_back(news.record.pk, before)
