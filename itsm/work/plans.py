"""Tasks by a plan: laid out at once, in order and side by side; each opens when what comes before it is over.

Pending, open, working, over: the first two follow from `after`, the others are kept. The caller locked the record and
judged who may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.work.models import Task
from itsm.work.tasks import MAX_TASKS, tasks_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A task of a plan. `after`: keys of tasks of the same plan; one that is not in it comes before nothing."""

    key: str
    title: str
    task_kind: str = ""
    after: tuple[str, ...] = ()
    team_id: int | None = None
    mandatory: bool = True


@transaction.atomic
def lay_out(record: Any, plan: Sequence[Planned], *, actor: Actor) -> list[Task]:
    """Make the tasks of a plan, after those that are there. Returns them in its order.

    Raises InvalidInput (a key twice, tasks that wait for each other), Conflict (too many).
    """
    there = list(tasks_of(record).values_list("position", flat=True))
    if len(there) + len(plan) > MAX_TASKS:
        raise Conflict(gettext("A record has at most %(most)s tasks.") % {"most": MAX_TASKS})
    made: dict[str, Task] = {}
    last = max(there, default=0)
    for one in _in_order(plan):
        made[one.key] = Task.objects.create(
            record_kind=record.kind, record_id=record.pk, position=last + 1 + list(plan).index(one), key=one.key,
            title=one.title, task_kind=one.task_kind, team_id=one.team_id, mandatory=one.mandatory,
            after=[made[key].pk for key in one.after if key in made],
        )  # fmt: skip
    if plan:
        titles = [one.title for one in plan]
        lifecycle.announce(record, "tasks_planned", actor=actor, changes={"tasks": [None, titles]})
    return [made[one.key] for one in plan]


def _in_order(plan: Sequence[Planned]) -> list[Planned]:
    """Each after what it waits for."""
    left, known, placed = list(plan), {one.key for one in plan}, list[Planned]()
    if len(known) < len(plan):
        raise InvalidInput.about("tasks", gettext("Two tasks of a plan have the same key."))
    while left:
        done = {one.key for one in placed}
        ready = [one for one in left if set(one.after) & known <= done]
        if not ready:
            names = ", ".join(one.key for one in left)
            raise InvalidInput.about("tasks", gettext("These tasks wait for each other: %(tasks)s.") % {"tasks": names})
        placed += ready
        left = [one for one in left if one not in ready]
    return placed


def open_now(tasks: Sequence[Task]) -> list[Task]:
    """Of the tasks of one record those that may be worked on: not over, and all that come before them are. Pure."""
    over = {task.pk for task in tasks if task.is_over}
    there = {task.pk for task in tasks}
    return [task for task in tasks if not task.is_over and set(task.after) & there <= over]


def state_of(task: Task, tasks: Sequence[Task]) -> str:
    """pending, open, working, or how it ended. Pure."""
    if task.is_over:
        return task.outcome
    if task not in open_now(tasks):
        return "pending"
    return "working" if task.began_at is not None else "open"


@transaction.atomic
def begin_task(record: Any, task: Task, *, actor: Actor, at: datetime) -> Task:
    """Somebody works on it, for whom it was until now for nobody. Nothing where it was begun already.

    Raises NotPermitted, Conflict (over, others come first).
    """
    current = _held(record, task, actor)
    if current.began_at is None:
        current.began_at = at
        if current.assigned_to_id is None and actor.is_human:
            current.assigned_to_id = actor.id
        current.save(update_fields=["began_at", "assigned_to"])
        lifecycle.announce(record, "task_begun", actor=actor, changes={"task": [None, current.title]})
    return current


@transaction.atomic
def settle_task(record: Any, task: Task, *, actor: Actor, outcome: str, at: datetime, remark: str = "") -> Task:
    """It is over: done, not_done or skipped. `remark`: why, kept in the record's history.

    Raises NotPermitted, Conflict (over, others come first).
    """
    current = _held(record, task, actor)
    current.began_at = current.began_at or at
    current.done_at, current.done_by_id, current.outcome = at, actor.id, Task.Outcome(outcome).value
    current.save(update_fields=["began_at", "done_at", "done_by", "outcome"])
    lifecycle.announce(
        record, f"task_{current.outcome}", actor=actor, changes={"task": [None, current.title]}, remark=remark
    )
    return current


def _held(record: Any, task: Task, actor: Actor) -> Task:
    if not (actor.is_system or participants(actor)):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    all_of_it = list(tasks_of(record).select_for_update(of=("self",), no_key=True))
    current = next((one for one in all_of_it if one.pk == task.pk), None)
    if current is None or current.is_over:
        raise Conflict(gettext("“%(task)s” is over already.") % {"task": task.title})
    if current not in open_now(all_of_it):
        raise Conflict(gettext("Other tasks come before %(task)s.") % {"task": task.title})
    return current


def leave_out_open(record: Any, *, actor: Actor, at: datetime) -> int:
    """What is still to do on a record that is over is left out, in the caller's transaction. How many.

    Raises nothing.
    """
    left = Task.objects.filter(record_kind=record.kind, record_id=record.pk, done_at=None)
    return left.update(done_at=at, outcome=Task.Outcome.SKIPPED, done_by_id=actor.id)
