"""Who hears of what happens to an incident: whom it concerns, by rule and wish, nobody of their own deed, each once."""

from collections.abc import Mapping
from typing import Any

from incidents.incident.models import Incident
from itsm.accounts.models import Team, User
from itsm.accounts.queues import who_lead, who_work_in
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.work.models import Note
from itsm.work.watching import who_hear_of


def tell_caller(
    incident: Incident, actor: Actor, event: str, subject: Words, body: Words, *, note: Note | None = None
) -> None:
    """The caller, who reported it for them, and who watches it: what the public side of the record says.

    `note`: the public word whose text the body is. Raises nothing.
    """
    concerned = {"caller": _theirs(incident), "watcher": _watching(incident)}
    _tell(incident, actor, event, concerned, subject, body, note=note)


def tell_desk(incident: Incident, actor: Actor, event: str, subject: Words, body: Words) -> None:
    """Who works on it; where nobody does, everybody who may in its queue. Watchers hear of it as well, where a rule of
    the event names them.

    Raises nothing.
    """
    _tell(incident, actor, event, {**working_on(incident), "watcher": _watching(incident)}, subject, body)


def tell_leads(incident: Incident, actor: Actor, event: str, subject: Words, body: Words) -> int:
    """Who leads its queue; of one without leads, the managers who work there. How many others than the actor that are.

    Raises nothing.
    """
    led = who_lead(incident.team.pk)
    _tell(incident, actor, event, {"lead": led}, subject, body)
    return len(led - {actor.id})


def tell_assignee(incident: Incident, actor: Actor) -> None:
    """Whoever was given it to work on, by somebody else. Raises nothing."""
    subject = _("%(incident)s is yours to work on: %(title)s") % _named(incident)
    _tell(incident, actor, "incident.assigned", {"assignee": [incident.assigned_to_id]}, subject, "")


def tell_closing_waits(incident: Incident, actor: Actor, why: str) -> None:
    """Who works on it, and who leads its queue: it is not closed by itself. Raises nothing."""
    subject = _("%(incident)s cannot be closed yet: %(title)s") % _named(incident)
    concerned = {"assignee": [incident.assigned_to_id], "lead": who_lead(incident.team.pk)}
    _tell(incident, actor, "incident.closing_waits", concerned, subject, why)


def tell_of_task(incident: Incident, actor: Actor, title: str, team: Team | None, person: User | None) -> None:
    """Whoever was given a task on it; where only a team was, its people. Raises nothing."""
    to_team = [] if team is None or person is not None else who_work_in(team.pk)
    concerned = {"assignee": [person.pk] if person is not None else [], "team": to_team}
    subject = _("%(incident)s: a task for you: %(task)s") % {**_named(incident), "task": title}
    _tell(incident, actor, "incident.task_given", concerned, subject, "")


def is_urgent(incident: Incident) -> bool:
    """News that pass the quiet hours of those whom it concerns: of priority 1, and of major ones."""
    return incident.is_grave


def working_on(incident: Incident) -> dict[str, Any]:
    """By relation: who works on it, else who may in its queue."""
    if incident.assigned_to_id is not None:
        return {"assignee": [incident.assigned_to_id]}
    return {"team": who_work_in(incident.team.pk)}


def _named(incident: Incident) -> dict[str, str]:
    return {"incident": incident.reference, "title": incident.title}


def _theirs(incident: Incident) -> list[int | None]:
    return [incident.caller_id, incident.opened_by_id]


def _watching(incident: Incident) -> list[int]:
    return who_hear_of(incident)


def _tell(
    incident: Incident,
    actor: Actor,
    event: str,
    concerned: Mapping[str, Any],
    subject: Words,
    body: Words,
    *,
    note: Note | None = None,
) -> None:
    tell(
        event,
        concerned,
        subject,
        by=actor.id,
        body=body,
        path=incident.get_absolute_url(),
        record=incident,
        note=note,
        urgent=is_urgent(incident),
    )
