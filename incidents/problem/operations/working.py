"""What is worked on together on a problem: notes, tasks, links."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.problem import permissions
from incidents.problem.models import FixWord, Problem
from incidents.problem.operations.telling import tell_of_task
from incidents.problem.queries.linked import CHANGE
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.work import linkable, linking, tasks
from itsm.work import operations as work
from itsm.work.linking import Linked, Relation
from itsm.work.models import Note, Task


def require_works_on(actor: Actor, problem: Problem) -> None:
    """Raise NotPermitted, naming the right and the queue, for who may not change this one."""
    if not permissions.workers(actor, problem):
        raise NotPermitted(
            gettext("%(name)s may not change %(reference)s: no right to change in %(team)s.")
            % {"name": actor.name, "reference": problem.reference, "team": problem.team.name}
        )


@transaction.atomic
def note(problem: Problem, *, actor: Actor, text: str) -> Note:
    """A note for those who work here. Raises NotPermitted and MissingInformation (empty)."""
    current = lifecycle.locked(problem)
    require_works_on(actor, current)
    return work.add_note(current, actor=actor, text=text, private=True)


@transaction.atomic
def add_task(problem: Problem, *, actor: Actor, title: str, **fields: Any) -> Task:
    """One more thing to do, such as an analysis (`task_kind`): `mandatory`, for somebody, until `due_at`.

    Raises NotPermitted, WrongState (over), InvalidInput (no title), Conflict (too many).
    """
    current = _planned(problem, actor)
    made = tasks.add_task(current, actor=actor, title=title, **fields)
    tell_of_task(current, actor, made.title, made.assigned_to)
    return made


@transaction.atomic
def edit_task(problem: Problem, task: Task, *, actor: Actor, **fields: Any) -> Task:
    """Change a task, or tick it (`done`). Raises as `add_task`, NotFound, and Conflict where others come first."""
    current = _planned(problem, actor)
    made = tasks.edit_task(current, task, actor=actor, **fields)
    if made.done_at is None and made.assigned_to_id != task.assigned_to_id:
        tell_of_task(current, actor, made.title, made.assigned_to)
    return made


@transaction.atomic
def remove_task(problem: Problem, task: Task, *, actor: Actor) -> None:
    """It is no task any more. Raises NotPermitted and WrongState (over)."""
    tasks.remove_task(_planned(problem, actor), task, actor=actor)


def _planned(problem: Problem, actor: Actor) -> Problem:
    """The row, locked, so that nobody ends it meanwhile."""
    current = lifecycle.locked(problem)
    require_works_on(actor, current)
    if not current.is_standing:
        raise WrongState(
            gettext("%(reference)s is over; its tasks stay as they are.") % {"reference": current.reference},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )
    return current


@transaction.atomic
def connect(problem: Problem, *, actor: Actor, to: str, relation: str) -> Linked:
    """Link it to another record (a reference), in its own words: `caused` an incident, `fixed_by` a change.

    Whoever says that a change fixes it gives their word for it, which the gate may believe of somebody without an
    interest in that change. Raises NotPermitted, InvalidInput (unseen), Conflict (itself, too many).
    """
    current = lifecycle.locked(problem)
    require_works_on(actor, current)
    linked = linking.connect(current, actor=actor, to=to, relation=relation)
    if linked.record.kind == CHANGE and linked.relation == Relation.FIXED_BY:
        give_word(current, linked.record.pk, actor=actor, at=timezone.now())
    return linked


@transaction.atomic
def disconnect(problem: Problem, linked: Linked, *, actor: Actor) -> None:
    """Take a link away, and every word that was given with it. Raises NotPermitted."""
    current = lifecycle.locked(problem)
    require_works_on(actor, current)
    linking.disconnect(current, linked, actor=actor)
    if linked.record.kind == CHANGE and linked.relation == Relation.FIXED_BY:
        FixWord.objects.filter(problem=current, change_number=linked.record.pk).delete()


def give_word(problem: Problem, change_number: int, *, actor: Actor, at: datetime) -> None:
    """Keep that this person says of a change that it fixes the problem; programs give no word. Raises nothing."""
    if actor.is_human and actor.id is not None:
        FixWord.objects.update_or_create(
            problem=problem, change_number=change_number, by_id=actor.id,
            defaults={"service_id": problem.service_id, "at": at},
        )  # fmt: skip


def link_origin(problem: Problem, origin: Any, *, actor: Actor) -> None:
    """Link a problem to what it was raised from, in the caller's transaction: it caused an incident, affects things.

    Raises NotPermitted, InvalidInput and Conflict.
    """
    if isinstance(origin, Incident):
        relation = Relation.CAUSED
    else:
        relation = Relation.AFFECTS if linkable.is_thing(origin) else Relation.RELATES
    linking.connect(problem, actor=actor, to=origin.reference, relation=relation)


def change_named(actor: Actor, text: str, field: str) -> Any:
    """The change of this reference, among those that the actor may see. Raises InvalidInput."""
    found = linkable.named(actor, text, field)
    if found.kind != CHANGE:
        raise InvalidInput.about(field, gettext("Name a change, such as CHG-00042."))
    return found
