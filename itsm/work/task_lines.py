"""The tasks of a record as a page draws them: what may be done to each, and under which address."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from itsm.work.models import Task

Address = Callable[[int, str], str]  # of a task's number and what is done to it: done, undone, edit, remove, up


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task. Addresses are empty where the reader may not; `stops`: what a mandatory one that is open holds up."""

    task: Task
    kind: Any
    stops: Any
    tick: str
    edit: str
    remove: str
    up: str


def lines(
    tasks: Iterable[Task],
    address: Address,
    *,
    may_plan: bool,
    may_tick: Callable[[Task], bool] = lambda task: False,
    kinds: Mapping[str, Any] | None = None,
    stops: Mapping[str, Any] | None = None,
    can_be_ordered: bool = False,
    can_be_edited: bool = False,
) -> list[TaskLine]:
    """In their order. `kinds` and `stops` by kind of task; of a record without kinds, that of the empty word."""
    return [
        TaskLine(
            task=task,
            kind=(kinds or {}).get(task.task_kind, ""),
            stops=(stops or {}).get(task.task_kind, "") if task.mandatory and task.done_at is None else "",
            tick=address(task.pk, "undone" if task.done_at else "done") if may_plan or may_tick(task) else "",
            edit=address(task.pk, "edit") if may_plan and can_be_edited and task.done_at is None else "",
            remove=address(task.pk, "remove") if may_plan else "",
            up=address(task.pk, "up") if may_plan and can_be_ordered and place else "",
        )
        for place, task in enumerate(tasks)
    ]
