"""Who follows an incident, and what it is linked to. Letting somebody follow a confidential one is sharing it."""

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import permissions
from incidents.incident.models import Incident
from incidents.incident.operations import kinship, placing
from incidents.incident.operations.merged import require_unmerged
from itsm import lifecycle
from itsm.accounts.models import QueueRight, User
from itsm.accounts.queues import people_with
from itsm.kernel.actors import Actor
from itsm.kernel.errors import MissingInformation, NotPermitted
from itsm.work import linking, watching
from itsm.work.models import Watcher


@transaction.atomic
def watch(incident: Incident, *, actor: Actor, user: User | None = None, share: bool = False) -> Watcher:
    """Follow it oneself, or let somebody else (`user`): for who may change it.

    Whoever follows reads the public side. `share` says that this is meant, of a confidential one and somebody who may
    not see its queue: without it MissingInformation. Raises NotPermitted, Merged, InvalidInput, Conflict (too many).
    """
    current = lifecycle.locked(incident)
    themselves = User.objects.get(pk=actor.id) if actor.is_human and actor.id is not None else None
    person = user or themselves
    if person is None:
        raise NotPermitted(gettext("Only people follow a record."))
    if person == themselves:
        _require_reads(actor, current)
    else:
        kinship.require_works_on(actor, current)
    require_unmerged(current, actor)
    if shares(current, person) and not share:
        raise MissingInformation(
            gettext(
                "%(team)s is confidential: %(person)s would read the public side of %(reference)s."
                " Say that it is shared."
            )
            % {"team": current.team.name, "person": person, "reference": current.reference},
            missing=[gettext("that it is shared")],
        )
    return watching.watch(current, actor=actor, user=person)


def shares(incident: Incident, person: User) -> bool:
    """Whether a confidential record would be shown to somebody who may not see its queue."""
    if not incident.team.confidential or person.pk in {incident.caller_id, incident.opened_by_id}:
        return False
    sees = people_with(incident.team.pk, QueueRight.VIEW).filter(pk=person.pk).exists()
    return not sees and not placing.works_in(person, incident.team)


@transaction.atomic
def unwatch(incident: Incident, *, actor: Actor, user: User) -> None:
    """Somebody follows it no longer: they themselves, or for who may change it. Raises NotPermitted."""
    current = lifecycle.locked(incident)
    if user.pk != actor.id:
        kinship.require_works_on(actor, current)
    watching.unwatch(current, actor=actor, user=user)


def _require_reads(actor: Actor, incident: Incident) -> None:
    if not (permissions.readers(actor, incident) or permissions.theirs(actor, incident)):
        raise NotPermitted(
            gettext("%(name)s may not follow %(reference)s.") % {"name": actor.name, "reference": incident.reference}
        )


@transaction.atomic
def connect(incident: Incident, *, actor: Actor, to: str, relation: str) -> linking.Linked:
    """Link it to another record (a reference), in its own words, such as `caused_by` a change.

    Raises NotPermitted, Merged, InvalidInput (unseen), Conflict (itself, too many).
    """
    current = lifecycle.locked(incident)
    kinship.require_works_on(actor, current)
    require_unmerged(current, actor)
    return linking.connect(current, actor=actor, to=to, relation=relation)


@transaction.atomic
def disconnect(incident: Incident, linked: linking.Linked, *, actor: Actor) -> None:
    """Take a link away. Raises NotPermitted and Merged."""
    current = lifecycle.locked(incident)
    kinship.require_works_on(actor, current)
    require_unmerged(current, actor)
    linking.disconnect(current, linked, actor=actor)
