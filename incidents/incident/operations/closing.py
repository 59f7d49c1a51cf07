"""What is resolved closes by itself, at the end of the queue's Nth working day after; people close major ones."""

from datetime import datetime, timedelta

from incidents.incident.models import Incident
from incidents.incident.workflow import Status
from itsm import lifecycle
from itsm.clocks import due
from itsm.clocks.calendars import hours_at
from itsm.kernel.actors import Actor

CLOSING = "incident_auto_close"


def schedule_closing(incident: Incident) -> None:
    """Promise the closing of one that is being resolved, in the caller's transaction; none of a major one."""
    if not incident.major and incident.resolved_at is not None:
        team = incident.team
        due.schedule(
            CLOSING, incident.kind, incident.pk,
            closes_at(incident.resolved_at, team.close_after_days, team.calendar_id),
        )  # fmt: skip


def closes_at(resolved_at: datetime, days: int, calendar_id: int | None = None) -> datetime:
    """The end of the Nth working day after that of the resolution, by this calendar; without one Monday to Friday."""
    if calendar_id is not None:
        by_calendar = hours_at(calendar_id, resolved_at).end_of_working_day(resolved_at, days)
        if by_calendar is not None:
            return by_calendar
    day = resolved_at
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day.replace(hour=17, minute=0, second=0, microsecond=0)


def close_when_due(incident_id: int, at: datetime) -> None:
    """Nobody said within the time that it was not over. Nothing where it was reopened, closed or made major.

    Raises nothing.
    """
    found = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()
    if found is None or found.status != Status.RESOLVED or found.major:
        return
    with lifecycle.step(found, "close", actor=Actor.system("closing"), locked_by_caller=True) as current:
        current.closed_at = at
