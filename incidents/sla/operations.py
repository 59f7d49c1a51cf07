"""Incidents' clocks: brought to where the incident wants them, and what happens when one runs into a threshold."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext

from incidents.incident.models import NEVER, Incident
from incidents.incident.operations import edit
from incidents.incident.operations.telling import is_urgent, working_on
from incidents.sla import queries
from incidents.sla.rules import wanted
from itsm.accounts.models import Team
from itsm.accounts.queues import who_lead, who_work_in
from itsm.clocks import operations as clocks
from itsm.clocks.calendars import hours_at
from itsm.clocks.kept import kept_clocks
from itsm.clocks.models import Clock
from itsm.clocks.owners import Owner, Reached
from itsm.clocks.terms import Level, Terms
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.notifications.wishes import Opens


def follow(incident: Incident, *, now: datetime, newborn: bool = False) -> None:
    """Bring its clocks to where it wants them, in the transaction that changed it; `incident` then knows what is due
    first. Repeatable. Raises nothing."""
    known = {} if newborn else kept_clocks(incident.kind, incident.pk)
    agreed = queries.agreed_for(incident, now, [one.clock for cycles in known.values() for one in cycles])
    facts = queries.facts_at_birth(incident, agreed) if newborn else queries.facts_of(incident, agreed)
    if incident.merged_into_id is not None:
        clocks.void(incident.kind, incident.pk, at=now, why="merged", now=now)
        incident.next_due = NEVER
        return
    due = clocks.follow(incident.kind, incident.pk, wanted(facts), now=now, known=known)
    incident.next_due = due or NEVER  # as kept: the answer to who wrote says it too
    keep_times(incident)


def keep_times(incident: Incident) -> None:
    """Keep beside the instants of an incident what its clocks had counted by then. Two queries where one came or went.

    Raises nothing.
    """
    stands = (incident.acknowledge_s is None) == (incident.acknowledged_at is None)
    stands &= (incident.response_s is None) == (incident.first_response_at is None)
    if stands and (incident.resolve_s is None) == (incident.resolved_at is None):
        return
    times = queries.times_of(incident)
    for name, seconds in times.items():
        setattr(incident, name, seconds)
    Incident.objects.filter(pk=incident.pk).update(**times)


def lock(incident_id: int) -> bool:
    """Hold an incident; whether it is there. Raises nothing."""
    held = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk=incident_id)
    return held.values_list("pk", flat=True).first() is not None


def due_moved(incident_id: int, at: datetime | None) -> None:
    """Keep the earliest due on the incident, beside its version: no edit goes stale by a clock. Raises nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incident SET next_due = %(at)s WHERE id = %(id)s AND next_due <> %(at)s",
            {"id": incident_id, "at": at or NEVER},
        )


def reached(incident_id: int, what: Reached) -> None:
    """Tell those whom it concerns of a warning, a breach, or a level after it, which may raise it to another queue.

    A level that tells leads is counted. Raises nothing.
    """
    incident = Incident.objects.select_related("team").get(pk=incident_id)
    level = _level(what)
    told = set(("assignee",) if not what.threshold.startswith("level_") else level.tell if level is not None else ())
    if what.threshold.startswith("level_") and "lead" in told:
        Incident.objects.filter(pk=incident_id).update(
            escalated_hierarchically=F("escalated_hierarchically") + 1
        )  # fmt: skip
    tell(
        _event(what),
        _concerned(incident, told),
        _subject(incident, what),
        by=None,
        path=incident.get_absolute_url(),
        record=incident,
        urgent=is_urgent(incident),
        opens=_opens(incident, what),
        at=what.at,
    )
    if level is not None and level.raise_to:
        _raise(incident, level.raise_to)


def _raise(incident: Incident, slug: str) -> None:
    """Into the queue of a level. Nothing leaves a confidential queue for an open one by itself."""
    team = Team.objects.queues().filter(slug=slug).exclude(pk=incident.team.pk).first()
    if team is None or not incident.is_open or (incident.team.confidential and not team.confidential):
        return
    edit(incident, actor=Actor.system("service levels"), version=incident.version, team=team)


def _level(what: Reached) -> Level | None:
    """The level that was reached; None for a warning, the breach, and a level that the terms no longer have."""
    if not what.threshold.startswith("level_"):
        return None
    levels = sorted(Terms.from_json(what.clock.terms).levels, key=lambda one: one.after_s)
    place = int(what.threshold.removeprefix("level_"))
    return levels[place - 1] if place <= len(levels) else None


def _event(what: Reached) -> str:
    if what.threshold.startswith("warn_"):
        return "incident.sla_warned"
    return "incident.sla_breached" if what.threshold == "breach" else "incident.sla_still_overdue"


def _concerned(incident: Incident, told: set[str]) -> dict[str, Iterable[int | None]]:
    """By relation: the assignee, where there is none the team; the team's people; its leads."""
    found: dict[str, Iterable[int | None]] = dict(working_on(incident)) if "assignee" in told else {}
    if "team" in told:
        found["team"] = who_work_in(incident.team.pk)
    if "lead" in told:
        found["lead"] = who_lead(incident.team.pk)
    return found


def _opens(incident: Incident, what: Reached) -> Opens | None:
    """Mails wait for the hours of the queue, where it has none for those by which the clock counts, as do mails of
    urgent ones: an agreement that counts at night is kept at night. None: at any time.
    """
    by_clock = Terms.from_json(what.clock.terms).calendar
    calendar = by_clock if is_urgent(incident) else incident.team.calendar_id or by_clock
    return hours_at(calendar, what.at).next_open if calendar is not None else None


def _subject(incident: Incident, what: Reached) -> Words:
    words = {
        "incident": incident.reference, "clock": clock_name(what.clock), "title": incident.title,
        "share": what.threshold.removeprefix("warn_"),
    }  # fmt: skip
    if what.threshold.startswith("warn_"):
        return _("%(incident)s: %(share)s %% of the time for its %(clock)s is used: %(title)s") % words
    if what.threshold == "breach":
        return _("%(incident)s: its %(clock)s is overdue: %(title)s") % words
    return _("%(incident)s: its %(clock)s is still overdue: %(title)s") % words


def clock_name(clock: Clock) -> str:
    """As people read it. Raises nothing."""
    match clock.name:
        case "first_response":
            return gettext("first response")
        case "update":
            return gettext("update")
        case "resolve":
            return gettext("resolution")
    return clock.name


OWNER = Owner(lock, due_moved, reached)
