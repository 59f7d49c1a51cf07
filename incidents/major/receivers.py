"""What incidents tell: one that was opened or rises may be a major one; what ends it ends the major incident."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from incidents.incident.models import Incident
from incidents.major import operations
from itsm.lifecycle import RecordEvent, record_changed

_FOLLOWS = {
    "incident.resolved": operations.follow_resolved,
    "incident.reopened": operations.follow_reopened,
    "incident.cancelled": operations.follow_cancelled,
    "incident.merged": operations.follow_cancelled,
}
STORM = "incident.alert_storm"


def incident_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """In the transaction of whoever moved it. Raises NotPermitted where that takes a proposal away by a side door."""
    incident: Incident = news.record
    at = news.at or timezone.now()
    if news.event in _FOLLOWS:
        if _FOLLOWS[news.event] is operations.follow_cancelled:
            operations.require_may_take_away(incident, news.actor)
        _FOLLOWS[news.event](incident, at, news.actor)
        if incident.is_open:  # reopened: what would have proposed it proposes it again
            operations.look_at_priority(incident, at)
    elif news.event == "incident.created":
        operations.look_at_opened(incident, at)
    elif news.event == STORM:
        operations.look_at_storm(incident, int(news.changes["alerts"][1]), at)
    else:
        if _rose(news):
            operations.look_at_priority(incident, at)
        if _is_new_child(news):
            operations.look_at_children(int(incident.parent_id or 0), at)


def acted_on(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that mean something here."""
    named = {*_FOLLOWS, STORM, "incident.created"}
    return [one for one in news if one.event in named or _rose(one) or _is_new_child(one)]


def _rose(news: RecordEvent) -> bool:
    before, after = news.changes.get("priority", (0, 0))
    return isinstance(before, int) and isinstance(after, int) and after < before


def _is_new_child(news: RecordEvent) -> bool:
    return "parent_id" in news.changes and news.changes["parent_id"][1] is not None


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(incident_moved, sender=Incident, dispatch_uid="majors: incidents", acts_on=acted_on)
