"""What is resolved closes by itself, at the end of the queue's Nth working day after; people close major ones."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from incidents.incident.models import Incident
from incidents.incident.operations.telling import tell_closing_waits
from incidents.incident.workflow import Status
from itsm import lifecycle
from itsm.audit.recording import last_time
from itsm.clocks import due
from itsm.clocks.calendars import hours_at
from itsm.clocks.models import Due
from itsm.clocks.rederiving import Moved
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict

CLOSING = "incident_auto_close"
LOOKS_AGAIN = timedelta(days=1)  # at what could not be closed when it was due

Condition = Callable[[Incident], str | None]
_conditions: list[Condition] = []


def closes_only_if(condition: Condition) -> None:
    """`condition(incident)` says what it waits for, and what to do; None where nothing stops it. Called once, in
    `ready()` of a sub-domain above; the incident is locked."""
    if condition not in _conditions:
        _conditions.append(condition)


def what_stops_closing(incident: Incident) -> str:
    """Sentences; empty where it may be closed."""
    return " ".join(said for condition in _conditions if (said := condition(incident)))


def require_may_close(incident: Incident) -> None:
    """Raise Conflict where something stops it, whoever closes."""
    if said := what_stops_closing(incident):
        raise Conflict(said)


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

    What something stops waits, and is looked at again each day; who works on it hears of it once. Raises nothing.
    """
    found = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()
    if found is None or found.status != Status.RESOLVED or found.major:
        return
    if why := what_stops_closing(found):
        _waits(found, why, at)
        return
    with lifecycle.step(found, "close", actor=Actor.system("closing"), locked_by_caller=True) as current:
        current.closed_at = at


def _waits(incident: Incident, why: str, at: datetime) -> None:
    due.schedule(CLOSING, incident.kind, incident.pk, at + LOOKS_AGAIN)
    told = last_time(incident, "incident.closing_waits")
    if told is None or (incident.resolved_at is not None and told < incident.resolved_at):
        system = Actor.system("closing")
        lifecycle.announce(incident, "closing_waits", actor=system, remark=why)
        tell_closing_waits(incident, system, why)


def look_at_closing(incident: Incident, at: datetime) -> None:
    """What stopped it may be gone: close it by itself where its time is over, in the caller's transaction.

    Raises nothing.
    """
    current = lifecycle.locked(incident)
    if current.status == Status.RESOLVED and not current.major and current.resolved_at is not None:
        closes = closes_at(current.resolved_at, current.team.close_after_days, current.team.calendar_id)
        due.schedule(CLOSING, current.kind, current.pk, max(closes, at))


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
