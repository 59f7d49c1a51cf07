"""Which queue an incident lies in, how pressing it is, and who may work on it there."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident, Matrix
from incidents.incident.vocabulary import Level, PriorityBy
from itsm import rows
from itsm.accounts.models import QueueRight, Team, User
from itsm.accounts.operations import triage
from itsm.accounts.queues import people_with, rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted

if TYPE_CHECKING:
    from catalog.models import Service
    from incidents.incident.models import Category

# Rows: impact high, medium, low; columns: urgency high, medium, low.
FIRST_CELLS = [1, 2, 3, 2, 3, 4, 3, 4, 5]


def seed(**_sent: object) -> None:
    """After migrating: the matrix that nearly everybody begins with. Safe to run again, and twice at once."""
    if not Matrix.objects.exists():
        Matrix.objects.bulk_create([Matrix(version=1, cells=FIRST_CELLS, at=timezone.now())], ignore_conflicts=True)


def matrix() -> Matrix:
    """The one that holds now."""
    found = rows.first(Matrix, "version > 0 ORDER BY version DESC", [])
    if found is None:
        seed()
        found = Matrix.objects.get()
    return found


def impact_of(service: "Service | None") -> int:
    """Where somebody asks, the impact begins with the service's tier: 1 high, 2 medium, 3 low. Unknown: medium."""
    return Level.MEDIUM.value if service is None else min(max(service.tier, 1), 3)


def by_the_matrix(incident: Incident) -> None:
    """Set priority and why from impact and urgency, where both are known and nobody gave another."""
    if incident.priority_by != PriorityBy.MATRIX or incident.impact is None or incident.urgency is None:
        return
    held = matrix()
    incident.priority = held.priority(incident.impact, incident.urgency)
    incident.priority_why = gettext("P%(priority)s = impact %(impact)s x urgency %(urgency)s (matrix %(version)s)") % {
        "priority": incident.priority,
        "impact": Level(incident.impact).label,
        "urgency": Level(incident.urgency).label,
        "version": held.version,
    }


def place(service: "Service | None", category: "Category | None" = None) -> Team:
    """The queue that a new incident lies in: its category's, that of who supports its service, its owner
    team's, each where it takes work, or triage."""
    of_service: tuple[Team | None, ...] = (service.support_team, service.team) if service else ()
    for team in (category.team if category else None, *of_service):
        if team is not None and team.takes_work and team.retired_at is None:
            return team
    return triage()


def arrived(at_door: Team | None, service: "Service | None", category: "Category | None") -> Team:
    """The queue of whose door it came through, where that takes work; else as `place` says."""
    if at_door is not None and at_door.takes_work and at_door.retired_at is None:
        return at_door
    return place(service, category)


def require_queue(actor: Actor, team: Team) -> None:
    """Raise InvalidInput for a team that is no queue or unseen, NotPermitted where the actor may open nothing in it."""
    rights = rights_in_queues(actor)
    if not team.takes_work or team.retired_at is not None or not (rights.sees(team.pk) or rights.may_create(team.pk)):
        raise InvalidInput.about("team", gettext("There is no such queue."))
    if not rights.may_create(team.pk):
        raise NotPermitted(
            gettext("%(actor)s may not open or move records into %(team)s.") % {"actor": actor.name, "team": team.name}
        )


def require_assigns(actor: Actor, team: Team) -> None:
    """Raise NotPermitted unless the actor may give work of this queue away."""
    if not rights_in_queues(actor).may_assign(team.pk):
        raise NotPermitted(
            gettext("%(actor)s has no right to assign in %(team)s.") % {"actor": actor.name, "team": team.name}
        )


def works_in(person: User, team: Team) -> bool:
    """Whether somebody may work in the queue."""
    return people_with(team.pk, QueueRight.CHANGE).filter(pk=person.pk).exists()


def require_works_in(person: User, team: Team, *, field: str = "assigned_to") -> None:
    """Raise InvalidInput about the field, naming both, for somebody who may not work in the queue."""
    if not works_in(person, team):
        words = gettext("%(person)s cannot work in %(team)s.") % {"person": person, "team": team.name}
        raise InvalidInput.about(field, words)
