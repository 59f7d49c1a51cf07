"""What follows from what happened to incidents: who asked is asked how it was handled."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from incidents.incident.models import Incident
from itsm.lifecycle import RecordEvent, record_changed
from itsm.satisfaction import operations as satisfaction

_RESOLVED = "incident.resolved"


def ask_the_caller(sender: type[Incident], news: RecordEvent, **_sent: Any) -> None:
    """Within the transaction that resolved it; nobody is asked about work of their own."""
    incident = news.record
    if asked_after([news]) and incident.caller_id != news.actor.id:
        at = incident.resolved_at or timezone.now()
        satisfaction.ask(incident, team_id=incident.team_id, agent_id=incident.assigned_to_id, at=at)


def asked_after(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those after which a caller is asked."""
    return [
        one for one in news if one.event == _RESOLVED and one.record.caller_id not in {None, one.record.assigned_to_id}
    ]


def whose(incident_id: int) -> int | None:
    """The account that it is for."""
    return Incident.objects.filter(pk=incident_id).values_list("caller_id", flat=True).first()


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(ask_the_caller, sender=Incident, dispatch_uid="incidents: satisfaction", acts_on=asked_after)
