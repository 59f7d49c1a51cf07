"""Whether an incident is solved at first contact: by whom first worked on it, with one public word at most."""

from incidents.incident.models import Incident
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Kind
from itsm.work.models import Note

# What somebody does about it; who only looks or watches has not worked on it.
_WORK = tuple(
    f"{Incident.kind}.{done}" for done in ("acknowledged", "edited", "noted", "put_on_hold", "resumed", "escalated")
)


def solved_at_first_contact(incident: Incident, actor: Actor) -> bool:
    """Judged as the actor resolves it: never reassigned nor reopened, and nobody else worked on it before.

    Two queries at most. Raises nothing.
    """
    if not actor.is_human or incident.reassigned or incident.reopened:
        return False
    if Note.objects.filter(record_kind=incident.kind, record_id=incident.pk, private=False)[:2].count() > 1:
        return False
    return _first_worker(incident) in {None, actor.id}


def _first_worker(incident: Incident) -> int | None:
    """Who took the call, else to whom it was given first, else who first did anything about it; None for nobody."""
    if incident.opened_by_id not in {None, incident.caller_id}:
        return incident.opened_by_id if incident.channel == "phone" else _by_history(incident)
    return _by_history(incident)


def _by_history(incident: Incident) -> int | None:
    done = Entry.objects.filter(record_kind=incident.kind, record_id=incident.pk, event__in=_WORK)
    done = done.filter(actor_kind=Kind.HUMAN).exclude(actor_id=incident.caller_id)
    for actor_id, changes in done.order_by("id").values_list("actor_id", "changes"):
        given = (changes.get("assigned_to_id") or [None, None])[1]
        return int(given) if given is not None else actor_id
    return None
