"""Tasks of a record: a list in order, who does what until when, and what must be done before the record is over.

The caller found the record among what the actor may see, locked it, and judged who may plan on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.work.models import Task

MAX_TASKS = 100
_MOST_DUTIES = 200


def tasks_of(record: Any) -> "QuerySet[Task]":
    """What is to do on a record, and what was done, in order."""
    found = Task.objects.filter(record_kind=record.kind, record_id=record.pk)
    return found.select_related("team", "assigned_to", "done_by")


def task_of(record: Any, number: str) -> Task:
    """The task of this number on a record. Raises NotFound."""
    found = tasks_of(record).filter(pk=int(number)).first()
    if found is None:
        raise NotFound(gettext("There is no such task on it."))
    return found


def open_mandatory(record: Any, *task_kinds: str) -> list[Task]:
    """The tasks without which the record is not over; of these kinds alone where some are named."""
    found = tasks_of(record).filter(mandatory=True, done_at=None)
    return list(found.filter(task_kind__in=task_kinds) if task_kinds else found)


def has_one_to_do(record: Any, actor: Actor) -> bool:
    """Whether a task of the record was given to this actor, or to a team of theirs and to nobody by name."""
    mine = Q(assigned_to=actor.id) | Q(assigned_to=None, team__in=actor.teams)
    return actor.id is not None and tasks_of(record).filter(mine).exists()


@transaction.atomic
def add_task(
    record: Any,
    *,
    actor: Actor,
    title: str,
    task_kind: str = "",
    mandatory: bool = False,
    team: Team | None = None,
    assigned_to: User | None = None,
    due_at: datetime | None = None,
) -> Task:
    """One more at the end of the list. Raises NotPermitted, InvalidInput (no title), Conflict (too many)."""
    _require_participant(actor)
    _require_title(title)
    there = list(tasks_of(record).values_list("position", flat=True))
    if len(there) >= MAX_TASKS:
        raise Conflict(gettext("A record has at most %(most)s tasks.") % {"most": MAX_TASKS})
    made = Task.objects.create(
        record_kind=record.kind,
        record_id=record.pk,
        position=max(there, default=0) + 1,
        title=title.strip(),
        task_kind=task_kind,
        mandatory=mandatory,
        team=team,
        assigned_to=assigned_to,
        due_at=due_at,
    )
    lifecycle.announce(record, "task_added", actor=actor, changes={"task": [None, made.title]})
    return made


@transaction.atomic
def edit_task(record: Any, task: Task, *, actor: Actor, done: bool | None = None, **fields: Any) -> Task:
    """Change title, task_kind, mandatory, team, assigned_to, due_at; `done` ticks it or takes the tick back.

    Raises NotPermitted, NotFound (taken away meanwhile), InvalidInput (no title), Conflict (others come first; done by
    a program without an account).
    """
    _require_participant(actor)
    current = Task.objects.select_for_update(no_key=True).filter(pk=task.pk).first()
    if current is None:
        raise _gone(task)
    if "title" in fields:
        _require_title(fields["title"])
    before = {name: getattr(current, name) for name in fields}
    for name, value in fields.items():
        setattr(current, name, value)
    if changed := {
        name: [old, getattr(current, name)] for name, old in before.items() if old != getattr(current, name)
    }:
        lifecycle.announce(record, "task_changed", actor=actor, changes={"task": [None, current.title], **changed})
    if done is not None and done != (current.done_at is not None):
        _tick(record, current, actor, done)
    current.save()
    return current


def read_again(task: Task) -> None:
    """As it stands now, under the lock of its record. Raises NotFound (taken away meanwhile)."""
    try:
        task.refresh_from_db()
    except Task.DoesNotExist as error:
        raise _gone(task) from error


def _gone(task: Task) -> NotFound:
    return NotFound(gettext("“%(task)s” was taken away meanwhile.") % {"task": task.title})


@transaction.atomic
def put_tasks_in_order(record: Any, order: Sequence[int], *, actor: Actor) -> list[Task]:
    """All tasks of the record, by number, as they are to stand. Returns them so.

    Raises NotPermitted, InvalidInput where one is missing, named twice or of another record.
    """
    _require_participant(actor)
    there = {task.pk: task for task in tasks_of(record).select_for_update(of=("self",), no_key=True)}
    if sorted(order) != sorted(there):
        raise InvalidInput.about("order", gettext("Name each task of the record once."))
    before, wanted = list(there), [there[number] for number in order]
    if before != list(order):
        for position, task in enumerate(wanted, start=1):
            task.position = position
        Task.objects.bulk_update(wanted, ["position"])
        titles = [[there[number].title for number in numbers] for numbers in (before, order)]
        lifecycle.announce(record, "tasks_ordered", actor=actor, changes={"order": titles})
    return wanted


def _tick(record: Any, task: Task, actor: Actor, done: bool) -> None:
    if done:
        if Task.objects.filter(pk__in=task.after, done_at=None).exists():
            raise Conflict(gettext("Other tasks come before %(task)s.") % {"task": task.title})
        if actor.id is None:
            raise NotPermitted(gettext("Tasks are done by people and service accounts."))
    task.done_at, task.done_by_id = (timezone.now(), actor.id) if done else (None, None)
    task.outcome = Task.Outcome.DONE.value if done else ""
    event = "task_done" if done else "task_undone"
    lifecycle.announce(record, event, actor=actor, changes={"task": [None, task.title]})


@transaction.atomic
def remove_task(record: Any, task: Task, *, actor: Actor) -> None:
    """It is no task any more; what came after it waits for it no longer. Raises NotPermitted."""
    _require_participant(actor)
    for later in tasks_of(record).filter(after__contains=[task.pk]):
        Task.objects.filter(pk=later.pk).update(after=[pk for pk in later.after if pk != task.pk])
    if Task.objects.filter(pk=task.pk).delete()[0]:
        lifecycle.announce(record, "task_removed", actor=actor, changes={"task": [task.title, None]})


def _require_participant(actor: Actor) -> None:
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})


def _require_title(title: str) -> None:
    if is_blank(title):
        raise InvalidInput.about("title", gettext("Say what is to do."))


def move_open_tasks(record: Any, to: Any) -> None:
    """What is still to do on a record is to do on another, after what is there, in the caller's transaction.

    Raises nothing.
    """
    last = max(tasks_of(to).values_list("position", flat=True), default=0)
    moving = Task.objects.filter(record_kind=record.kind, record_id=record.pk, done_at=None)
    moving.update(record_kind=to.kind, record_id=to.pk, position=F("position") + last)


def waiting_for(team: Team) -> list[Duty]:
    """Open tasks that a team was given."""
    return [
        Duty(
            what=gettext("open task"),
            reference=one.reference,
            name=one.title,
            path="/",
            otherwise=gettext("stays with its team"),
            passes=True,
        )
        for one in Task.objects.filter(team=team, done_at=None)[:_MOST_DUTIES]
    ]


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Open tasks of a team are another's as the teams are merged, in the caller's transaction. How many.

    Raises nothing.
    """
    return Task.objects.filter(team=old, done_at=None).update(team=new)
