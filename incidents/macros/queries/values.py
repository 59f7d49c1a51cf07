"""What the placeholders of a text say about one incident."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone

from catalog.services.queries import visible_services
from incidents.incident import queries
from incidents.incident.models import NEVER, Incident
from incidents.incident.vocabulary import Level
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.macros.placeholders import Values
from itsm.notifications.web_addresses import our_address
from itsm.work.watching import watchers_of


def placeholder_values(incident: Incident, *, actor: Actor, public: bool) -> Values:
    """What a text about this incident is filled in with. Public words take nothing that one of their readers (caller,
    opener, watchers) may not see; notes take nothing that only some of those who see the queue may see."""
    caller, worker, opener = incident.caller, incident.assigned_to, incident.opened_by
    discreet = public and incident.team.confidential
    zone = ZoneInfo(caller.time_zone) if public and caller is not None else timezone.get_current_timezone()
    return {
        "caller.name": lambda: _name(caller),
        "caller.first_name": lambda: _first(_name(caller)),
        "caller.last_name": lambda: _last(_name(caller)),
        "me.name": lambda: _name(_me(actor)),
        "me.first_name": lambda: _first(_name(_me(actor))),
        "me.last_name": lambda: _last(_name(_me(actor))),
        "me.email": lambda: getattr(_me(actor), "email", ""),
        "assigned.name": lambda: "" if discreet else _name(worker),
        "assigned.first_name": lambda: "" if discreet else _first(_name(worker)),
        "opened_by.name": lambda: _name(opener),
        "team.name": lambda: "" if discreet else incident.team.name,
        "record.reference": lambda: incident.reference,
        "record.title": lambda: incident.title,
        "record.link": lambda: our_address(incident.get_absolute_url()),
        "record.state": incident.get_status_display,
        "record.priority": incident.get_priority_display,
        "record.urgency": lambda: str(Level(incident.urgency).label) if incident.urgency else "",
        "record.service": lambda: _service(incident, actor, public),
        "record.category": lambda: incident.category.path if incident.category else "",
        "record.opened": lambda: _instant(incident.opened_at, zone),
        "record.due": lambda: "" if incident.next_due == NEVER else _instant(incident.next_due, zone),
        "record.parent": lambda: _parent(incident, actor, public),
        "record.resolution": lambda: incident.resolution,
        "today": lambda: formats.date_format(timezone.now().astimezone(zone), "DATE_FORMAT"),
    }


def _me(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.id).first() if actor.id is not None else None


def _name(person: User | None) -> str:
    """The name that they go by; a login is no name to greet anybody with."""
    return person.name.strip() if person is not None else ""


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""


def _last(name: str) -> str:
    return name.split()[-1] if len(name.split()) > 1 else ""


def _instant(at: datetime, zone: Any) -> str:
    local = at.astimezone(zone)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


def _readers(incident: Incident) -> list[Actor]:
    """Who reads its public words without working here."""
    people = {one.pk: one for one in (incident.caller, incident.opened_by) if one is not None}
    people |= {one.user_id: one.user for one in watchers_of(incident)}
    return [actor_for(one, Door.TASK) for one in people.values()]


def _all_may(incident: Incident, actor: Actor, public: bool, may: Callable[[Actor], bool]) -> bool:
    return may(actor) and (not public or all(may(one) for one in _readers(incident)))


def _service(incident: Incident, actor: Actor, public: bool) -> str:
    service = incident.service
    if service is None:
        return ""
    seen = _all_may(
        incident, actor, public, lambda one: visible_services(one).filter(pk=service.pk).exists()
    )  # fmt: skip
    return service.name if seen else ""


def _parent(incident: Incident, actor: Actor, public: bool) -> str:
    parent = incident.parent
    if parent is None or (parent.team.confidential and (public or parent.team_id != incident.team_id)):
        return ""
    return parent.reference if _all_may(incident, actor, public, lambda one: queries.may_see(one, parent)) else ""
