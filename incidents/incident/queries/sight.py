"""Who sees an incident: how it is found, what they may still read, and of what else it is kept."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from incidents.incident import permissions
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.queues import Asker, QueueRights, rights_in_queues, teams_and_rights
from itsm.composed import READER, THIS, composed
from itsm.files.readers import Reading
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.mail.subjects import About
from itsm.search import offers
from itsm.work.watching import watches

_FOR_READERS = frozenset({"assignee", "team", "lead"})


def as_found(incident: Incident) -> offers.Entry:
    """How an incident is found: by those who see its queue, and by whose it is."""
    reporter = (*offers.user(incident.caller_id), *offers.user(incident.opened_by_id))
    return offers.Entry(
        incident.title,
        incident.get_absolute_url(),
        "\n".join(filter(None, [", ".join(incident.labels), incident.description])),
        audience=(*offers.queue(incident.team_id), *reporter, *offers.shared(incident)),
        about=(*offers.service(incident.service_id), *offers.user(incident.assigned_to_id), *reporter),
        is_over=not incident.is_open,
    )


def as_mailed(incident_id: int) -> About | None:
    """How mails about it are called, and whose mailbox they leave from."""
    found = Incident.objects.filter(pk=incident_id).only("title", "team").first()
    return None if found is None else About(found.reference, found.title, found.team_id)


def still_read(user: User, told: dict[int, set[str]]) -> set[tuple[int, str]]:
    """Of what a person was told, by incident and relation, what they may read now.

    News for whoever works on it hold private words: they need the queue, not only a share. Two queries.
    """
    (_queues, teams, own), memo = teams_and_rights(user.pk, frozenset(map(Role, user.roles)))
    actor = replace(actor_for(user, Door.TASK, teams=teams, rights=own), memo=memo)
    rights = rights_in_queues(actor)
    found: Iterable[tuple[int, int]]
    if len(told) == 1:  # asked before each mail and each push
        found = _told_of(actor.roles, actor.rights, rights).rows_of(next(iter(told)), user.pk)
    else:
        found = Incident.objects.visible_to(actor).filter(pk__in=list(told)).values_list("pk", "team_id")
    reads = {pk: permissions.staff(actor) and rights.sees(team_id) for pk, team_id in found}
    return {(pk, one) for pk, private in reads.items() for one in told[pk] if private or one not in _FOR_READERS}


@composed
def _told_of(roles: frozenset[Role], own: frozenset[str], rights: QueueRights) -> QuerySet[Incident, Any]:
    """THIS incident for any READER with these roles and rights."""
    reader = Asker(Actor(id=READER, name="", kind=Kind.HUMAN, roles=roles, rights=own), rights).actor
    return Incident.objects.visible_to(reader).filter(pk=THIS).values_list("pk", "team_id")


def may_see(actor: Actor, incident: Incident) -> bool:
    """Whether this one is there for the actor."""
    if permissions.readers(actor, incident) or permissions.theirs(actor, incident):
        return True
    return Incident.objects.visible_to(actor).filter(pk=incident.pk).exists()


def is_confidential(incident: Incident) -> bool:
    """Whether it lies in a confidential queue."""
    return bool(incident.team.confidential)


def speakers(actor: Actor, incident: Incident) -> bool:
    """Who may say something on it: who works on it, whose it is, and who watches it."""
    return permissions.concerned(actor, incident) or watches(actor, incident)


def reading_of_files(actor: Actor, incident_id: int) -> Reading | None:
    """How the actor reads the files of an incident, also by way of what it lives on in; None where they see neither."""
    incident = Incident.objects.select_related("merged_into").filter(pk=incident_id).first()
    both = (incident, incident.merged_into if incident is not None else None)
    seen = [one for one in both if one is not None and may_see(actor, one)]
    return Reading(seen[0], any(permissions.readers(actor, one) for one in seen)) if seen else None


def seen_by(actor: Actor) -> QuerySet[Incident]:
    """Those that the actor may see, for use in a filter or as what is fetched along."""
    return Incident.objects.visible_to(actor)


def hidden_from(actor: Actor) -> QuerySet[Incident]:
    """Those that the actor may not see, for use in a filter: records beside them may have kept their names."""
    return Incident.objects.exclude(pk__in=Incident.objects.visible_to(actor).values("pk"))
