"""What the ledger does when outages and objectives move: the days that read them are owed again."""

from typing import Any

from django.utils import timezone

from changes.ledger.operations import staleness
from itsm.lifecycle import RecordEvent


def cause_decided(sender: type, news: RecordEvent, **_: Any) -> None:
    """A person said what caused an outage: whatever rests on that service is reckoned again."""
    if news.event == "outage.cause_decided":
        staleness.outage_moved(news.record)


def correction_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """A period counts no more, or again: its days are reckoned again."""
    staleness.period_moved(news.record.objective_id, news.record.starts_at, news.record.ends_at)


def terms_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """An objective counts otherwise: its days of the last weeks are reckoned again."""
    if news.event == "objective.edited":
        staleness.terms_moved(news.record.pk, timezone.now())
