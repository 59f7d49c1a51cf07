"""Changes that tasks wait for: what opens them lies above, and says here what became of it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from catalog.requests.models import RequestItem, WantedChange
from catalog.requests.operations import planning
from catalog.requests.operations.following import follow_items, held
from catalog.requests.operations.telling import tell_people_needed
from catalog.requests.operations.working import note_begun, require_works_on
from catalog.requests.queries.changes import wanted_by_change
from catalog.requests.vocabulary import CHANGE, WantedState
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.work import plans
from itsm.work.models import Task

CHANGES = Actor.system("its change")
ENDED = "request_change_ended"


def change_opened(wanted: WantedChange, *, number: int, reference: str, at: datetime) -> None:
    """The change of a task is there, in the transaction that asked for it: from now on it costs something.

    Once: a task that has its change keeps it. Raises Conflict where it has one.
    """
    if wanted.change_number is not None:
        raise Conflict(gettext("This task has its change already."))
    wanted.change_number, wanted.state, wanted.at = number, WantedState.OPENED, at
    wanted.save(update_fields=["change_number", "state", "at"])
    item = wanted.item
    plans.begin_task(item, wanted.task, actor=CHANGES, at=at)
    note_begun(item, at)
    lifecycle.announce(item, "change_opened", actor=CHANGES, changes={"change": [None, reference]})


def change_refused(wanted: WantedChange, *, why: str, at: datetime) -> None:
    """No change could be opened: the task is for people. Raises nothing."""
    wanted.state, wanted.said, wanted.at = WantedState.FAILED, why[:2000] or "\N{EN DASH}", at
    wanted.save(update_fields=["state", "said", "at"])
    lifecycle.announce(wanted.item, "change_refused", actor=CHANGES, remark=why)
    tell_people_needed(wanted.item, wanted.task, why)


@transaction.atomic
def change_ended(task_id: int, *, reference: str, succeeded: bool, said: str, at: datetime) -> None:
    """A change of a task is over: with a good one the task is done and the item goes on, with any other it is for
    people. Safe to run twice. Raises nothing."""
    wanted = WantedChange.objects.select_related("item", "item__request").filter(task=task_id).first()
    if wanted is None:
        return
    item = held(wanted.item)
    wanted = WantedChange.objects.select_related("task").get(pk=wanted.pk)
    if wanted.state != WantedState.OPENED:
        return
    wanted.state, wanted.said, wanted.at = (WantedState.DONE if succeeded else WantedState.FAILED), said[:2000], at
    wanted.save(update_fields=["state", "said", "at"])
    lifecycle.announce(item, "change_ended", actor=CHANGES, changes={"change": [None, f"{reference}: {said}"]})
    if wanted.task.is_over or not item.in_work:
        return
    if not succeeded:
        tell_people_needed(item, wanted.task, f"{reference}: {said}")
        return
    plans.settle_task(item, wanted.task, actor=CHANGES, outcome=Task.Outcome.DONE, at=at)
    planning.carry_on(item, actor=CHANGES, at=at)
    follow_items(item.request, at=at)


def change_held_up(number: int, *, why: str) -> None:
    """A change came to a halt: people are told, and its task stays open. Raises nothing."""
    wanted = wanted_by_change(number)
    if wanted is not None:
        tell_people_needed(wanted.item, wanted.task, why)


@transaction.atomic
def retry_change(item: RequestItem, task: Task, *, actor: Actor, at: datetime) -> Task:
    """Ask for the change of a task once more, after one that could not be opened or failed.

    Raises NotPermitted, Conflict (no such task, it is under way or over).
    """
    current = held(item)
    require_works_on(actor, current)
    wanted = WantedChange.objects.filter(task=task.pk, item=current).first()
    if wanted is None or task.task_kind != CHANGE or wanted.state != WantedState.FAILED or not current.in_work:
        raise Conflict(gettext("No change of this task failed."))
    if Task.objects.filter(pk=task.pk, done_at__isnull=False).exists():
        raise Conflict(gettext("“%(task)s” is over already.") % {"task": task.title})
    planning.want_change(current, task, actor=actor, at=at)
    return task
