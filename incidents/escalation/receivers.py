"""Escalations follow what happens to incidents: one receiver of the one signal."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.escalation import operations
from incidents.incident.models import Incident
from itsm.lifecycle import RecordEvent, record_changed

_ENDS = frozenset(f"incident.{done}" for done in ("resolved", "closed", "cancelled", "merged"))
_OPENS = frozenset(f"incident.{done}" for done in ("created", "reopened", "split_off"))
_HELD = "incident.acknowledged"
_JOINED = "incident.alert_joined"
_RISES = frozenset({"priority", "major", "service_id"})
_QUEUE = "team_id"
_EVENTS = _ENDS | _OPENS | {_HELD, _JOINED}


def acted_on(news: Sequence[RecordEvent]) -> Collection[RecordEvent]:
    """Of many news those that page somebody, or let them sleep."""
    return [one for one in news if one.event in _EVENTS or {_QUEUE, *_RISES} & set(one.changes)]


def incident_moved(sender: type[Incident], news: RecordEvent, **_sent: Any) -> None:
    """Within the transaction that moved the incident, which holds it."""
    incident, at = news.record, news.at or timezone.now()
    if _QUEUE in news.changes:
        operations.follow_queue(incident)
    if news.event in _ENDS or not incident.is_open:
        if news.event in _ENDS:
            operations.over(incident, _("What it is about is over."), at)
    elif news.event == _HELD:
        operations.held(incident, news.actor, at)
    elif news.event == _JOINED:
        if news.changes["new"][1]:
            operations.joined(incident, news.changes["alerts"][1], at)
    elif news.event in _OPENS or _RISES & set(news.changes):
        operations.follow(incident, at)


def listen() -> None:
    """Called once, at start."""
    record_changed.connect(
        incident_moved, sender=Incident, dispatch_uid="incidents: escalations follow", acts_on=acted_on
    )  # fmt: skip
