"""What incidents tell: one that is over may need a postmortem, and who sees it sees its postmortem."""

from collections.abc import Sequence
from typing import Any

from incidents.incident.models import Incident
from incidents.incident.workflow import Status
from incidents.postmortem import operations
from incidents.postmortem.models import Postmortem
from itsm import lifecycle
from itsm.lifecycle import RecordEvent

_GRAVER = frozenset({"priority", "major"})
_SEEN_BY = frozenset({"team_id", "service_id"})


def incident_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """Ask whether a postmortem is required as it is resolved, or found graver afterwards."""
    incident: Incident = news.record
    if incident.status == Status.RESOLVED and (_is_resolved(news) or _GRAVER & news.changes.keys()):
        operations.require_as_resolved(incident)
    if _SEEN_BY & news.changes.keys():
        postmortem = Postmortem.objects.select_related("incident", "problem").filter(incident=incident).first()
        if postmortem is not None:
            follow_search(postmortem, news)


def problem_moved(sender: type, news: RecordEvent, **_: Any) -> None:
    """A problem that moved to another queue takes its postmortem along in the search."""
    if _SEEN_BY & news.changes.keys():
        postmortem = Postmortem.objects.select_related("incident", "problem").filter(problem=news.record).first()
        if postmortem is not None:
            follow_search(postmortem, news)


def follow_search(postmortem: Postmortem, news: RecordEvent) -> None:
    """Tell who indexes that it is for others now: nothing of its own changed."""
    lifecycle.announce(postmortem, "moved", actor=news.actor)


def acted_on(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """Those that mean something here."""
    return [one for one in news if _is_resolved(one) or (_GRAVER | _SEEN_BY) & one.changes.keys()]


def _is_resolved(news: RecordEvent) -> bool:
    return news.step is not None and news.step.action == "resolve"
