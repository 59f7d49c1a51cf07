"""The tasks of a change: who works on it plans and ticks them until it is over; whoever was given one ticks it.

A mandatory one is a promise to those who relied on it. Who has a part in the change neither ticks, takes away nor
loosens one that looks back at it, and nobody takes away or loosens one that came with its model.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change.operations.planning import require_planner
from changes.change.permissions import doers, had_no_part
from changes.change.workflow import OVER
from changes.change_models.vocabulary import TaskKind
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.work import tasks
from itsm.work.models import Task
from itsm.work.tasks import tasks_of

_FREE = ("done",)  # what whoever was given a task says of it


@transaction.atomic
def add_task(change: Change, *, actor: Actor, title: str, **fields: Any) -> Task:
    """One more thing to do: of a `task_kind`, `mandatory`, for a `team`, `assigned_to` somebody, until `due_at`.

    Raises NotPermitted, WrongState (over), InvalidInput (no title, a person who does not work here), Conflict.
    """
    current = _planned(change, actor)
    _require_works_here(fields.get("assigned_to"))
    made = tasks.add_task(current, actor=actor, title=title, **{"task_kind": TaskKind.IMPLEMENTATION, **fields})
    _tell(current, actor, made)
    return made


@transaction.atomic
def edit_task(change: Change, task: Task, *, actor: Actor, **fields: Any) -> Task:
    """Change a task, or tick it (`done`), which whoever was given it does as well.

    Raises as `add_task`, NotFound (taken away meanwhile), and NotPermitted where a mandatory one would be loosened that
    is not theirs to loosen, or a mandatory review would be done that is not theirs to do.
    """
    theirs = set(fields) <= {*_FREE} and doers(actor, task)
    current = _locked_while_open(change) if theirs else _planned(change, actor)
    _require_works_here(fields.get("assigned_to"))
    tasks.read_again(task)
    looser = fields.get("mandatory") is False or fields.get("task_kind", task.task_kind) != task.task_kind
    if looser or "title" in fields:
        _require_may_loosen(current, task, actor)
    _require_fair_look(current, task, actor, fields)
    made = tasks.edit_task(current, task, actor=actor, **fields)
    if made.done_at is None and (made.team_id, made.assigned_to_id) != (task.team_id, task.assigned_to_id):
        _tell(current, actor, made)
    return made


@transaction.atomic
def remove_task(change: Change, task: Task, *, actor: Actor) -> None:
    """It is no task any more. Raises NotPermitted, WrongState (over)."""
    current = _planned(change, actor)
    _require_may_loosen(current, task, actor)
    tasks.remove_task(current, task, actor=actor)


@transaction.atomic
def order_tasks(change: Change, *, actor: Actor, order: Sequence[int]) -> list[Task]:
    """All of them, by number, as they are to stand. Raises NotPermitted, WrongState (over), InvalidInput."""
    return tasks.put_tasks_in_order(_planned(change, actor), order, actor=actor)


@transaction.atomic
def take_task_earlier(change: Change, task: Task, *, actor: Actor) -> list[Task]:
    """It comes a place earlier; the first one stays. Raises NotPermitted, WrongState (over), NotFound (taken away)."""
    current = _planned(change, actor)
    order = [one.pk for one in tasks_of(current)]
    if task.pk not in order:
        raise NotFound(gettext("There is no such task on this change."))
    place = order.index(task.pk)
    if place:
        order[place - 1 : place + 1] = order[place], order[place - 1]
    return tasks.put_tasks_in_order(current, order, actor=actor)


def begin_with(change: Change, wanted: Sequence[Mapping[str, Any]]) -> None:
    """What its model says is to do on each of its changes, in the transaction in which the change begins."""
    Task.objects.bulk_create(
        Task(
            record_kind=change.kind, record_id=change.pk, position=position, task_kind=one["kind"], title=one["title"],
            mandatory=one["mandatory"],
        )
        for position, one in enumerate(wanted, start=1)
    )  # fmt: skip


def _planned(change: Change, actor: Actor) -> Change:
    current = _locked_while_open(change)
    require_planner(current, actor)
    return current


def _locked_while_open(change: Change) -> Change:
    """The row, locked, so that nobody ends it meanwhile."""
    current = lifecycle.locked(change)
    if current.status in OVER:
        raise WrongState(
            gettext("%(reference)s is over; its tasks stay as they are.") % {"reference": current.reference},
            state=current.status,
        )
    return current


def _require_may_loosen(change: Change, task: Task, actor: Actor) -> None:
    if not task.mandatory:
        return
    if change.model is not None and any(
        one["title"] == task.title and one["kind"] == task.task_kind for one in change.model.tasks
    ):
        raise NotPermitted(
            gettext("“%(task)s” comes with the model %(model)s, which its changes rely on: it is done, not taken away.")
            % {"task": task.title, "model": change.model.slug}
        )
    _require_no_part_in(change, task, actor)


def _require_fair_look(change: Change, task: Task, actor: Actor, fields: Mapping[str, Any]) -> None:
    """A mandatory review, as the edit leaves it, is done by somebody without a part: neither in the same breath as it
    becomes one, nor before."""
    if not fields.get("mandatory", task.mandatory):
        return
    kind = fields.get("task_kind", task.task_kind)
    if fields.get("done"):
        _require_no_part_in(change, task, actor, kind)
    is_one = task.mandatory and task.task_kind == TaskKind.REVIEW
    if kind == TaskKind.REVIEW and not is_one and task.done_at is not None and fields.get("done") is not False:
        raise WrongState(
            gettext("“%(task)s” is done already: take it up again, and let somebody without a part in it look back.")
            % {"task": task.title}
        )


def _require_no_part_in(change: Change, task: Task, actor: Actor, kind: str | None = None) -> None:
    """Where it looks back at the change: nobody does so at what they had a part in."""
    if (kind or task.task_kind) == TaskKind.REVIEW and not had_no_part(actor, change):
        raise NotPermitted(
            gettext("“%(task)s” looks back at %(change)s: that is for somebody without a part in it.")
            % {"task": task.title, "change": change.reference}
        )


def _require_works_here(person: User | None) -> None:
    if person is not None and not assignable().filter(pk=person.pk).exists():
        raise InvalidInput.about("assigned_to", gettext("Tasks are given to people who work here."))


def _tell(change: Change, actor: Actor, task: Task) -> None:
    """Whoever was given it; where only a team was, its people."""
    given = {
        *([task.assigned_to] if task.assigned_to else []),
        *(task.team.members.filter(is_active=True) if task.team and not task.assigned_to else []),
    }
    words = {"change": change.reference, "task": task.title}
    notify(
        [person for person in given if person.pk != actor.id],
        _("%(change)s: a task for you: %(task)s") % words,
        path=f"{change.get_absolute_url()}#tasks",
        record=change,
        by=("change.task_given", "assignee"),
    )
