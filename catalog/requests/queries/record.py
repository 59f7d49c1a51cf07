"""One request with its items, tasks and changes, as those see it who work on it, and as whose it is reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem, WantedChange
from catalog.requests.queries.answers import Answer, answers_to, price_of
from catalog.requests.queries.changes import Progress, progress_of
from catalog.requests.queries.sight import decides_item, items_of
from catalog.requests.vocabulary import CHANGE, WantedState
from catalog.requests.workflow import ITEM_OVER, ItemStatus
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.queries import about, asked_of
from itsm.audit.models import Entry
from itsm.clocks.models import Clock
from itsm.kernel.actors import Actor
from itsm.ui.figures import exact
from itsm.work.models import Note, Task
from itsm.work.plans import open_now, state_of
from itsm.work.tasks import tasks_of


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with how it stands: pending, open, working, done, not_done, skipped; `change`: the one it waits for."""

    task: Task
    state: str
    change: Progress | None = None
    wanted: WantedChange | None = None


@dataclass(frozen=True, slots=True)
class ItemSheet:
    """One item as those see it who work on it, or decide about it."""

    item: RequestItem
    answers: Sequence[Answer]
    price: str
    tasks: Sequence[TaskRow]
    asks: Sequence[ApprovalRequest]
    may_work: bool
    may_decide: bool
    clock: Clock | None

    @property
    def done(self) -> int:
        """How many of its tasks are over."""
        return sum(row.task.is_over for row in self.tasks)


def sheets_of(request: Request, actor: Actor) -> list[ItemSheet]:
    """Its items, each with what the actor may read of it. A handful of queries for each item."""
    return [_sheet(item, request, actor) for item in items_of(request)]


def _sheet(item: RequestItem, request: Request, actor: Actor) -> ItemSheet:
    item.request = request
    asked = item.status == ItemStatus.APPROVING and is_asked(actor, item)
    clocks = Clock.objects.filter(record_kind=item.kind, record_id=item.pk).order_by("-cycle")
    rows = task_rows(item, actor)
    item.open_tasks = tuple(row.task.title for row in rows if not row.task.is_over)
    return ItemSheet(
        item=item,
        answers=answers_to(item, actor, decides=asked or decides_item(actor, item)),
        price=price_of(item),
        tasks=rows,
        asks=about(item),
        may_work=permissions.workers(actor, item),
        may_decide=asked,
        clock=clocks.first(),
    )


def is_asked(actor: Actor, item: RequestItem) -> bool:
    """Whether this person may decide about it now; nobody about what is theirs."""
    if permissions.theirs(actor, item.request) or item.status != ItemStatus.APPROVING:
        return False
    return asked_of(actor).filter(record_kind=item.kind, record_id=item.pk).exists()


def task_rows(item: RequestItem, actor: Actor) -> list[TaskRow]:
    """Its tasks in order. Two queries, and what is asked of those who know changes."""
    tasks = list(tasks_of(item))
    wanted = {one.task_id: one for one in WantedChange.objects.filter(item=item)}
    numbers = [one.change_number for one in wanted.values() if one.change_number is not None]
    changes = progress_of(numbers, actor)
    return [
        TaskRow(
            task, state_of(task, tasks), changes.get(kept.change_number or 0) if kept is not None else None, kept
        )
        for task in tasks
        for kept in [wanted.get(task.pk)]
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainItem:
    """One item as whose it is reads it: plain words, no task, no name of who works on it.

    `says`: how it stands, in a sentence. `question`: what the desk asks. `step` of `steps`: how far it is.
    """

    item: RequestItem
    says: str
    answers: Sequence[Answer]
    price: str
    question: str
    expected_by: datetime | None
    can_cancel: bool
    can_reopen: bool
    step: int
    steps: int
    tone: str


def plain_items(request: Request, actor: Actor) -> list[PlainItem]:
    """Its items in plain words. A few queries for each item."""
    return [_plain(item, request, actor) for item in items_of(request)]


_TONES = {
    ItemStatus.APPROVING: "amber", ItemStatus.FULFILLING: "blue", ItemStatus.WAITING: "amber",
    ItemStatus.DONE: "green", ItemStatus.INCOMPLETE: "amber", ItemStatus.DECLINED: "red",
}  # fmt: skip


def _plain(item: RequestItem, request: Request, actor: Actor) -> PlainItem:
    item.request = request
    open_actions = {step.action for step in item.workflow.open_to(actor, item)}
    tasks = list(tasks_of(item))
    due = Clock.objects.filter(record_kind=item.kind, record_id=item.pk, state=Clock.State.RUNNING).first()
    steps = 2 + len(tasks)
    over = item.status in ITEM_OVER
    step = steps if over else 0 if item.approved_at is None else 1 + sum(one.is_over for one in tasks)
    return PlainItem(
        item=item,
        says=sentence_of(item, tasks),
        answers=answers_to(item, actor),
        price=price_of(item),
        question=item.question if item.status == ItemStatus.WAITING else "",
        expected_by=due.due_at if due is not None else None,
        can_cancel="cancel" in open_actions,
        can_reopen="reopen" in open_actions,
        step=step,
        steps=steps,
        tone=_TONES.get(ItemStatus(item.status), ""),
    )


def sentence_of(item: RequestItem, tasks: Sequence[Task]) -> str:
    """How an item stands, for whose it is: no word of a task, a team or a change but when it is planned."""
    match item.status:
        case ItemStatus.APPROVING:
            return _waits_for(item)
        case ItemStatus.FULFILLING:
            return _in_work(item, tasks)
        case ItemStatus.WAITING:
            return _("We need an answer of yours.")
        case ItemStatus.DONE:
            return item.delivered or _("It is there.")
        case ItemStatus.INCOMPLETE:
            return _("Some of it is there: %(reason)s") % {"reason": item.reason}
        case ItemStatus.DECLINED:
            return _("It was declined: %(reason)s") % {"reason": item.reason}
        case ItemStatus.SKIPPED:
            return _("It was left out: %(reason)s") % {"reason": item.reason}
    return _("It was cancelled.")


def _waits_for(item: RequestItem) -> str:
    """Whom it waits for: a person by name, several by what they are together. Approvals are no secret of the desk."""
    asks = ApprovalRequest.objects.filter(record_kind=item.kind, record_id=item.pk, status="open").order_by("id")
    asked = list(asks.values_list("authority", "people"))
    persons = User.objects.in_bulk([people[0] for _authority, people in asked if len(people) == 1])
    called = [
        f"{persons[people[0]]} ({authority})" if len(people) == 1 and people[0] in persons else authority
        for authority, people in asked
    ]
    names = ", ".join(dict.fromkeys(called))
    return _("It waits for approval: %(names)s.") % {"names": names} if names else _("It waits for approval.")


def _in_work(item: RequestItem, tasks: Sequence[Task]) -> str:
    waiting = {task.pk for task in open_now(tasks) if task.task_kind == CHANGE}
    wanted = list(WantedChange.objects.filter(item=item, task__in=waiting)) if waiting else []
    if any(one.state == WantedState.FAILED for one in wanted):
        return _("It is delayed: people look at it.")
    numbers = [one.change_number for one in wanted if one.change_number is not None]
    known = progress_of(numbers, None)
    if any(one.is_delayed for one in known.values()):
        return _("It is delayed: people look at it.")
    if any(one.has_begun for one in known.values()):
        return _("We are working on it.")
    planned = [one.planned_at for one in known.values() if one.planned_at is not None]
    if planned:
        return _("It is scheduled for %(when)s.") % {"when": exact(min(planned))}
    if wanted:
        return _("It is being scheduled.")
    return _("We are working on it.") if item.began_at is not None else _("It is approved and will be worked on.")


def notes_on(request: Request, *, with_private: bool) -> list[Note]:
    """What was written on it, oldest first."""
    found = Note.objects.filter(record_kind=request.kind, record_id=request.pk).select_related("by").order_by("id")
    return list(found if with_private else found.filter(private=False))


def story_of(request: Request, items: Sequence[RequestItem]) -> list[Entry]:
    """What happened to it and to its items, newest first."""
    of_items = Q(record_kind=RequestItem.kind, record_id__in=[one.pk for one in items])
    found = Entry.objects.filter(Q(record_kind=request.kind, record_id=request.pk) | of_items)
    return list(found.exclude(event__in=_TOLD_ALREADY).order_by("-id")[:_MOST_TOLD])


_MOST_TOLD = 300
# That somebody asked for it is said once, by the request.
_TOLD_ALREADY = ("request.created", "request_item.created", "request_item.submitted")


def answers_for(actor: Actor, item: RequestItem) -> list[Answer]:
    """What the actor may read of the answers; who decides about it reads all of them."""
    return answers_to(item, actor, decides=decides_item(actor, item))


def sentence(item: RequestItem) -> str:
    """How an item stands, in a sentence for whose it is. One query or three."""
    return sentence_of(item, list(tasks_of(item)))
