"""Work on items: who has them, their tasks, what is said, who follows."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem
from catalog.requests.operations import planning
from catalog.requests.operations.following import follow_items, held
from catalog.requests.operations.telling import tell_assignee, tell_of_tasks
from catalog.requests.workflow import IN_WORK
from itsm import lifecycle
from itsm.accounts.models import QueueRight, User
from itsm.accounts.operations import require_active
from itsm.accounts.queues import people_with
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.work import plans, tasks, watching
from itsm.work.models import Task, Watcher


def require_works_on(actor: Actor, item: RequestItem) -> None:
    """Raise NotPermitted, naming the right and the queue, for who may not change this one."""
    if not permissions.workers(actor, item):
        raise NotPermitted(
            gettext("%(name)s may not change %(reference)s: no right to change in %(team)s.")
            % {"name": actor.name, "reference": item.reference, "team": item.team.name}
        )


@transaction.atomic
def assign(item: RequestItem, *, actor: Actor, person: User | None) -> RequestItem:
    """Give it to somebody to fulfil, or back to its queue.

    Raises NotPermitted, WrongState (over), InvalidInput (who may not work there), Conflict (who left).
    """
    current = held(item)
    require_works_on(actor, current)
    if not current.is_open:
        raise _over(current)
    if person is not None and person.pk != current.assigned_to_id:
        require_active(person)
        if not people_with(current.team_id, QueueRight.CHANGE).filter(pk=person.pk).exists():
            words = {"person": person, "team": current.team.name}
            raise InvalidInput.about("assigned_to", gettext("%(person)s cannot work in %(team)s.") % words)
    with lifecycle.edit(current, actor=actor, version=None, event="assigned", version_required=False) as current:
        current.assigned_to = person
    if person is not None:
        tell_assignee(current, actor)
    return current


def _over(item: RequestItem) -> WrongState:
    return WrongState(
        gettext("%(reference)s is over; its tasks stay as they are.") % {"reference": item.reference},
        state=item.status, available=[],
    )  # fmt: skip


def _worked_on(item: RequestItem, actor: Actor) -> RequestItem:
    current = held(item)
    require_works_on(actor, current)
    if current.status not in IN_WORK:
        if current.is_open:
            words = gettext("%(reference)s waits for approval; nothing is done on it before.")
            raise WrongState(words % {"reference": current.reference}, state=current.status, available=[])
        raise _over(current)
    return current


@transaction.atomic
def add_task(item: RequestItem, *, actor: Actor, title: str, **fields: Any) -> Task:
    """One more thing to do, beside the plan. Raises NotPermitted, WrongState, InvalidInput (no title), Conflict."""
    current = _worked_on(item, actor)
    made = tasks.add_task(current, actor=actor, title=title, **fields)
    tell_of_tasks(current, actor, [made])
    return made


@transaction.atomic
def edit_task(item: RequestItem, task: Task, *, actor: Actor, **fields: Any) -> Task:
    """Change title, mandatory, team, assigned_to, due_at of a task. Raises as `add_task`, and NotFound."""
    current = _worked_on(item, actor)
    made = tasks.edit_task(current, task, actor=actor, **fields)
    if made.assigned_to_id != task.assigned_to_id:
        tell_of_tasks(current, actor, [made])
    return made


@transaction.atomic
def begin_task(item: RequestItem, task: Task, *, actor: Actor, at: datetime | None = None) -> Task:
    """Somebody works on it: from now on the requester cancels no more. Raises NotPermitted, WrongState, Conflict (over,
    others come first)."""
    now = at or timezone.now()
    current = _worked_on(item, actor)
    made = plans.begin_task(current, task, actor=actor, at=now)
    note_begun(current, now)
    return made


@transaction.atomic
def settle_task(
    item: RequestItem, task: Task, *, actor: Actor, outcome: str, reason: str = "", at: datetime | None = None
) -> Task:
    """A task is over: done, not_done or skipped (with a `reason`). With the last one the item is, where all was done.

    Raises NotPermitted, WrongState, Conflict (over, others come first), MissingInformation (no reason).
    """
    now = at or timezone.now()
    current = _worked_on(item, actor)
    if outcome != Task.Outcome.DONE and is_blank(reason):
        words = gettext("Say why it is not done.")
        raise MissingInformation(words, missing=[words])
    made = plans.settle_task(current, task, actor=actor, outcome=outcome, at=now, remark=reason)
    note_begun(current, now)
    planning.carry_on(current, actor=actor, at=now)
    follow_items(current.request, at=now)
    return made


def note_begun(item: RequestItem, at: datetime) -> None:
    """From now on it costs something; the caller holds it. Raises nothing."""
    if item.began_at is None:
        item.began_at = at
        item.save(update_fields=["began_at"])


@transaction.atomic
def watch(request: Request, *, actor: Actor, user: User | None = None) -> Watcher:
    """Follow it oneself, or let somebody else: for whose it is and who works on it. Raises NotPermitted, InvalidInput,
    Conflict (too many)."""
    current = lifecycle.locked(request)
    person = user or (User.objects.filter(pk=actor.id or 0).first() if actor.is_human else None)
    if person is None:
        raise NotPermitted(gettext("Only people follow a record."))
    own = person.pk == actor.id and permissions.readers(actor, current)
    if not (own or permissions.concerned(actor, current)):
        raise NotPermitted(
            gettext("%(name)s may not follow %(reference)s.") % {"name": actor.name, "reference": current.reference}
        )
    return watching.watch(current, actor=actor, user=person)


@transaction.atomic
def unwatch(request: Request, *, actor: Actor, user: User) -> None:
    """Somebody follows it no longer: they themselves, or for whose it is and who works on it. Raises NotPermitted."""
    current = lifecycle.locked(request)
    if user.pk != actor.id and not permissions.concerned(actor, current):
        raise NotPermitted(
            gettext("%(name)s may not change %(reference)s.") % {"name": actor.name, "reference": current.reference}
        )
    watching.unwatch(current, actor=actor, user=user)
