"""The tasks of an incident: who works on it plans and does them, while it is open."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import kinship, placing
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.operations.telling import tell_of_task
from itsm import lifecycle
from itsm.accounts.models import Team, User
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.work import tasks
from itsm.work.models import Task


@transaction.atomic
def add_task(incident: Incident, *, actor: Actor, title: str, **fields: Any) -> Task:
    """One more thing to do: `mandatory`, for a `team`, `assigned_to` somebody, until `due_at`.

    Raises NotPermitted, Merged, WrongState (over), InvalidInput (no title, a team or person without this queue),
    Conflict (too many).
    """
    current = _planned(incident, actor)
    _require_fits(current, actor, fields.get("team"), fields.get("assigned_to"))
    made = tasks.add_task(current, actor=actor, title=title, **fields)
    tell_of_task(current, actor, made.title, made.team, made.assigned_to)
    return made


@transaction.atomic
def edit_task(incident: Incident, task: Task, *, actor: Actor, **fields: Any) -> Task:
    """Change a task, or tick it (`done`). Raises as `add_task`, and Conflict where others come first."""
    current = _planned(incident, actor)
    _require_fits(current, actor, fields.get("team"), fields.get("assigned_to"))
    made = tasks.edit_task(current, task, actor=actor, **fields)
    if made.done_at is None and (made.team_id, made.assigned_to_id) != (task.team_id, task.assigned_to_id):
        tell_of_task(current, actor, made.title, made.team, made.assigned_to)
    return made


@transaction.atomic
def remove_task(incident: Incident, task: Task, *, actor: Actor) -> None:
    """It is no task any more. Raises NotPermitted, Merged, WrongState (over)."""
    tasks.remove_task(_planned(incident, actor), task, actor=actor)


def _planned(incident: Incident, actor: Actor) -> Incident:
    """The row, locked, so that nobody ends it meanwhile."""
    current = lifecycle.locked(incident)
    kinship.require_works_on(actor, current)
    require_unmerged(current, actor)
    if not current.is_open:
        raise WrongState(
            gettext("%(reference)s is over; its tasks stay as they are.") % {"reference": current.reference},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )
    return current


def _require_fits(incident: Incident, actor: Actor, team: Team | None, person: User | None) -> None:
    """A task goes to who can read the record: of a confidential queue to its own people alone."""
    if team is not None:
        hidden = not rights_in_queues(actor).sees(team.pk)
        if hidden or (incident.team.confidential and team.pk != incident.team_id):
            words = gettext("This team cannot read %(reference)s.") % {"reference": incident.reference}
            raise InvalidInput.about("team", words)
    if person is not None and not placing.works_in(person, incident.team):
        placing.require_works_in(person, team if team and not incident.team.confidential else incident.team)
