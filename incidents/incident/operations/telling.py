"""Who hears of what happens to an incident: nobody of their own deed, and each person once."""

from collections.abc import Iterable

from incidents.incident.models import Incident
from itsm.accounts.models import QueueRight, User
from itsm.accounts.queues import people_with
from itsm.kernel.actors import Actor, Role
from itsm.notifications.notifying import notify
from itsm.work.watching import watchers_of


def tell_caller(incident: Incident, actor: Actor, subject: str, body: str) -> None:
    """The caller, who reported it for them, and who watches it: what the public side of the record says.

    Raises nothing.
    """
    watching = watchers_of(incident).filter(muted=False).values_list("user_id", flat=True)
    _tell(incident, actor, {incident.caller_id, incident.opened_by_id, *watching}, subject, body)


def tell_desk(incident: Incident, actor: Actor, subject: str, body: str) -> None:
    """Who works on it; where nobody does, everybody who may in its queue. Watchers hear of it as well.

    Raises nothing.
    """
    watching = watchers_of(incident).filter(muted=False).values_list("user_id", flat=True)
    working = [incident.assigned_to_id] if incident.assigned_to_id else _members(incident)
    _tell(incident, actor, {*working, *watching}, subject, body)


def tell_leads(incident: Incident, actor: Actor, subject: str, body: str) -> int:
    """Who leads its queue; of one without leads, the managers who work there. How many others than the actor that are.

    Raises nothing.
    """
    active = User.objects.filter(is_active=True, account_type=User.AccountType.HUMAN)
    led = set(active.filter(memberships__team=incident.team_id, memberships__lead=True).values_list("pk", flat=True))
    if not led:
        managers = people_with(incident.team.pk, QueueRight.CHANGE).filter(roles__contains=[Role.MANAGER.value])
        led = set(managers.values_list("pk", flat=True))
    _tell(incident, actor, led, subject, body)
    return len(led - {actor.id})


def _members(incident: Incident) -> list[int]:
    """The team's own people; of a queue without members, whoever may work there."""
    members = list(
        User.objects.filter(memberships__team=incident.team_id, is_active=True, account_type=User.AccountType.HUMAN)
        .values_list("pk", flat=True)
    )  # fmt: skip
    return members or list(people_with(incident.team.pk, QueueRight.CHANGE).values_list("pk", flat=True)[:50])


def _tell(incident: Incident, actor: Actor, ids: Iterable[int | None], subject: str, body: str) -> None:
    wanted = {pk for pk in ids if pk is not None and pk != actor.id}
    people = User.objects.filter(pk__in=wanted, is_active=True, account_type=User.AccountType.HUMAN)
    notify(people, subject, body=body, path=incident.get_absolute_url(), record=incident)
