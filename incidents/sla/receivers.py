"""Clocks follow what happens to incidents: one receiver of the one signal."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone

from incidents.incident.models import Incident
from incidents.sla import operations
from itsm.lifecycle import RecordEvent, record_changed

_STEPS = frozenset(
    f"incident.{done}"
    for done in (
        "created",
        "put_on_hold",
        "resumed",
        "resolved",
        "reopened",
        "cancelled",
        "merged",
        "split_off",
        "noted",
    )
)  # fmt: skip
# What agreements ask for.
_PLACES = frozenset({"service_id", "team_id", "priority", "category_id", "channel", "caller_id"})
_WORDS = "note"  # said along with a step, as one deed
_ALSO = _PLACES | {_WORDS, "acknowledged_at"}


def moves_a_clock(news: Sequence[RecordEvent]) -> Collection[RecordEvent]:
    """Of many news those that may move a clock."""
    return [one for one in news if one.event in _STEPS or _ALSO & set(one.changes)]


def clocks_follow(sender: type[Incident], news: RecordEvent, **_sent: Any) -> None:
    """Within the transaction that moved the incident."""
    if moves_a_clock([news]):
        now = news.at or timezone.now()
        operations.follow(news.record, now=now, newborn=news.event == "incident.created")


def listen() -> None:
    """Called once, at start."""
    record_changed.connect(
        clocks_follow, sender=Incident, dispatch_uid="incidents: clocks follow", acts_on=moves_a_clock
    )  # fmt: skip
