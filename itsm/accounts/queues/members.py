"""Which queues an actor sees, who works in one, who leads it."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from itsm.accounts import permissions
from itsm.accounts.models import Grant, Membership, QueueRight, Team, User
from itsm.accounts.named_rights import WORK_HERE
from itsm.accounts.own_roles import holding
from itsm.accounts.queues.rights import rights_in_queues
from itsm.kernel.actors import Actor, Role


def seen_queues(actor: Actor) -> frozenset[int]:
    """The ids of all teams whose records somebody who works here may see."""
    if actor.is_system:
        return frozenset(Team.objects.values_list("pk", flat=True))
    return rights_in_queues(actor).seen


def visible_queues(actor: Actor) -> "QuerySet[Team]":
    """The queues that take work and that the actor may see, by name: to choose from."""
    return Team.objects.queues().exclude(pk__in=rights_in_queues(actor).hidden).order_by("name")


def nameable_queues(actor: Actor) -> "QuerySet[Team]":
    """The queues that the actor may name, seen ones and those that records may only be opened in: all others answer
    like what does not exist. Whether records may be moved there is said when one is."""
    rights = rights_in_queues(actor)
    return Team.objects.queues().exclude(pk__in=rights.hidden - rights.create)


def hidden_slugs(actor: Actor) -> frozenset[str]:
    """The slugs of the queues that the actor may not see."""
    return rights_in_queues(actor).hidden_slugs


def people_with(team_id: int, right: QueueRight) -> "QuerySet[User]":
    """Active people who hold a right in this queue, as members or by a grant, with a role that works here."""
    given = Grant.objects.filter(Q(until=None) | Q(until__gt=Now()), team=team_id, right=right)
    holders = Q(memberships__team=team_id) | Q(pk__in=given.filter(user__isnull=False).values("user"))
    holders |= Q(memberships__team__in=given.filter(member_of__isnull=False).values("member_of"))
    if roles := list(given.exclude(role="").values_list("role", flat=True)):
        holders |= Q(roles__overlap=roles)
    people = User.objects.active_people()
    works_here = ~Q(roles__contained_by=[Role.REQUESTER.value, Role.AUDITOR.value])
    works_here |= ~Q(roles=[Role.AUDITOR.value]) & holding(WORK_HERE)
    return people.filter(holders, works_here).distinct()


def members_of(team_id: int, *, leads_only: bool = False) -> "QuerySet[User]":
    """The active people of a team, or those of them who lead it."""
    people = User.objects.active_people()
    if leads_only:
        return people.filter(memberships__team=team_id, memberships__lead=True)
    return people.filter(memberships__team=team_id)


def managers() -> "QuerySet[User]":
    """The active people who are change managers."""
    people = User.objects.active_people()
    return people.filter(roles__contains=[Role.MANAGER.value])


def owners_in(team_id: int | None) -> "QuerySet[User]":
    """The active people of a team who answer for services as owners; of no team nobody."""
    return members_of(team_id or 0).filter(roles__contains=[Role.OWNER.value])


def who_work_in(team_id: int) -> list[int]:
    """The ids of a queue's own people; of one without members, of some who may work there."""
    members = list(members_of(team_id).values_list("pk", flat=True))
    return members or list(people_with(team_id, QueueRight.CHANGE).values_list("pk", flat=True)[:50])


def who_lead(team_id: int) -> set[int]:
    """The ids of who leads a queue; of one without leads, of the managers who work there."""
    led = set(members_of(team_id, leads_only=True).values_list("pk", flat=True))
    if not led:
        managers = people_with(team_id, QueueRight.CHANGE).filter(roles__contains=[Role.MANAGER.value])
        led = set(managers.values_list("pk", flat=True))
    return led


def leads(actor: Actor, team: Team) -> bool:
    """Whether the actor leads this team, as it stands now."""
    return actor.is_human and Membership.objects.filter(team=team, user=actor.id, lead=True).exists()


def keeps_queue(actor: Actor, team: Team) -> bool:
    """Administrators, and the leads of the team."""
    return permissions.people_keepers(actor) or leads(actor, team)


def teams_led_by(actor: Actor, *, only_queues: bool = False) -> frozenset[int]:
    """The ids of the teams that a person leads, as it stands now; of a program and of Headroom itself none."""
    if not actor.is_human or actor.id is None:
        return frozenset()
    led = Membership.objects.filter(user=actor.id, lead=True)
    return frozenset((led.filter(team__takes_work=True) if only_queues else led).values_list("team_id", flat=True))
