"""What is resolved closes by itself, at the end of the queue's Nth working day after; people close major ones."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from incidents.incident.models import Incident
from incidents.incident.workflow import Status
from itsm import lifecycle
from itsm.clocks import due
from itsm.clocks.calendars import hours_at
from itsm.clocks.models import Due
from itsm.clocks.rederiving import Moved
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


def rederive_closings(now: datetime) -> Iterator[Moved]:
    """Closings to come, by the zone data of today; those that are due are left alone. Repeatable."""
    promised = Due.objects.filter(name=CLOSING, done_at=None, given_up_at=None, at__gt=now)
    for incident_id in promised.order_by("record_id").values_list("record_id", flat=True).iterator(chunk_size=500):
        moved = _rederived(incident_id, now)
        if moved is not None:
            yield moved


@transaction.atomic
def _rederived(incident_id: int, now: datetime) -> Moved | None:
    locked = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id)
    incident = locked.select_related("team").first()
    promised = Due.objects.filter(name=CLOSING, record_kind=Incident.kind, record_id=incident_id, done_at=None)
    row = promised.filter(given_up_at=None, at__gt=now).first()
    if incident is None or incident.resolved_at is None or incident.major or row is None:
        return None
    before = row.at
    schedule_closing(incident)
    row.refresh_from_db()
    return Moved(incident.reference, before, row.at) if row.at != before else None
