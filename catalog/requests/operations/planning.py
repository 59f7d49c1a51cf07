"""The tasks of an item: laid out by the plan of its version, each opening when what comes before it is over."""

from datetime import datetime
from typing import Any

from catalog.items.formats.fulfilment import TaskPlan
from catalog.requests.models import RequestItem, WantedChange
from catalog.requests.operations.clocks import follow_clock
from catalog.requests.operations.telling import tell_of_tasks
from catalog.requests.queries.answers import answers_in_words, form_of, version_of
from catalog.requests.rules import filled, tasks_planned
from catalog.requests.vocabulary import CHANGE, WantedState
from catalog.requests.workflow import ItemStatus
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.work import plans
from itsm.work.models import Task
from itsm.work.tasks import tasks_of

ITS_TASKS = Actor.system("its tasks")


def plan_of(item: RequestItem) -> list[TaskPlan]:
    """What its version plans for these answers. A query for the version, where it was not read yet."""
    return tasks_planned(version_of(item).fulfilment, form_of(item), item.answers)


def lay_out_plan(item: RequestItem, *, actor: Actor) -> None:
    """Make the tasks that its version plans, in the caller's transaction. Raises nothing of a published version."""
    planned, said = plan_of(item), answers_in_words(item)
    named = {one.team for one in planned if one.team}
    teams = dict(Team.objects.queues().filter(slug__in=named).values_list("slug", "pk")) if named else {}
    laid = [
        plans.Planned(
            key=one.key, title=filled(one.title, said)[:200], task_kind=one.kind, after=one.after,
            team_id=teams.get(one.team, item.team_id), mandatory=one.mandatory,
        )
        for one in planned
    ]  # fmt: skip
    plans.lay_out(item, laid, actor=actor)


def carry_on(item: RequestItem, *, actor: Actor, at: datetime) -> None:
    """What opened now begins: people are told, changes are asked for; with the last task the item is over as well,
    where all of it was done. The caller holds the item with its request. Raises nothing."""
    if item.status != ItemStatus.FULFILLING:
        return
    tasks = list(tasks_of(item))
    ready = plans.open_now(tasks)
    tell_of_tasks(item, actor, [task for task in ready if task.task_kind != CHANGE and task.began_at is None])
    known = set(WantedChange.objects.filter(item=item).values_list("task_id", flat=True))
    for task in ready:
        if task.task_kind == CHANGE and task.key and task.pk not in known:
            want_change(item, task, actor=actor, at=at)
    fill_in_tasks(item)
    if tasks and not item.open_tasks and not item.failed_tasks:
        end(item, "fulfil", actor=ITS_TASKS, at=at)


def want_change(item: RequestItem, task: Task, *, actor: Actor, at: datetime) -> None:
    """Ask for the standard change of a task, by the news `task.change_wanted`: what lies above opens it in this very
    transaction, and says so by `change_opened` or `change_refused`. Raises nothing."""
    planned = next(one for one in plan_of(item) if one.key == task.key)
    said = answers_in_words(item)
    WantedChange.objects.update_or_create(
        task=task,
        defaults={
            "item": item, "model": planned.change_model, "state": WantedState.WANTED, "change_number": None,
            "values": {name: filled(text, said) for name, text in planned.values.items()}, "said": "", "at": at,
        },
    )  # fmt: skip
    lifecycle.announce(task, "change_wanted", actor=actor, changes={"model": [None, planned.change_model]}, at=at)


def fill_in_tasks(item: RequestItem) -> None:
    """Say to the item's table which of its tasks stand in the way of its end. One query; raises nothing."""
    tasks = list(tasks_of(item))
    item.open_tasks = tuple(task.title for task in tasks if not task.is_over)
    item.failed_tasks = tuple(
        task.title for task in tasks if task.mandatory and task.outcome == Task.Outcome.NOT_DONE
    )  # fmt: skip


def end(
    item: RequestItem, action: str, *, actor: Actor, at: datetime, remark: str = "", **words: Any
) -> RequestItem:  # fmt: skip
    """Take a step by which an item is over: what is still to do on it is left out, its clock stops. The caller holds
    it with its request, which it then brings along. Raises NotPermitted, WrongState and MissingInformation."""
    with lifecycle.step(item, action, actor=actor, remark=remark, locked_by_caller=True) as current:
        for name, value in words.items():
            setattr(current, name, value)
        current.since = current.ended_at = at
    plans.leave_out_open(current, actor=actor, at=at)
    follow_clock(current, at=at)
    return current
