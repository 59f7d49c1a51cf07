"""Who hears of what happens to a request: by rule and wish, nobody of their own deed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from catalog.requests.models import Request, RequestItem
from itsm.accounts.models import QueueRight, User
from itsm.accounts.queues import people_with
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.work.models import Note, Task
from itsm.work.watching import watchers_of

_MOST_TOLD = 50


def tell_askers(
    request: Request, actor: Actor, event: str, subject: Words, body: Words, *, note: Note | None = None
) -> None:
    """Whose it is, and who follows it: plain words alone. `note`: the public word whose text the body is.

    Raises nothing.
    """
    concerned = {"caller": [request.by_id, request.requested_for_id], "watcher": _watching(request)}
    _tell(request, actor, event, concerned, subject, body, note=note)


def tell_desk(
    request: Request, items: Iterable[RequestItem], actor: Actor, event: str, subject: Words, body: Words
) -> None:
    """Who works on these items; where nobody does, the people of their queues. Raises nothing."""
    concerned: dict[str, list[int | None]] = {"assignee": [], "team": []}
    for item in items:
        if item.assigned_to_id is not None:
            concerned["assignee"].append(item.assigned_to_id)
        else:
            concerned["team"] += members_of(item.team_id)
    _tell(request, actor, event, concerned, subject, body)


def tell_of_tasks(item: RequestItem, actor: Actor, tasks: Iterable[Task]) -> None:
    """Whose tasks opened: a person by name, else their team. Raises nothing."""
    for task in tasks:
        subject = _("%(item)s: a task for you: %(task)s") % {"item": item.reference, "task": task.title}
        to_team = [] if task.assigned_to_id is not None else members_of(task.team_id or item.team_id)
        concerned = {"assignee": [task.assigned_to_id], "team": to_team}
        _tell(item.request, actor, "request.task_given", concerned, subject, "")


def tell_assignee(item: RequestItem, actor: Actor) -> None:
    """Whoever was given it to work on, by somebody else. Raises nothing."""
    subject = _("%(item)s is yours to work on: %(name)s") % {"item": item.reference, "name": item.name}
    _tell(item.request, actor, "request.assigned", {"assignee": [item.assigned_to_id]}, subject, "")


def members_of(team_id: int) -> list[int | None]:
    """The people of a queue; of one without members, whoever may work there. Raises nothing."""
    people = User.objects.active_people().filter(memberships__team=team_id)
    own = list(people.values_list("pk", flat=True)[:_MOST_TOLD])
    return [*(own or people_with(team_id, QueueRight.CHANGE).values_list("pk", flat=True)[:_MOST_TOLD])]


def _watching(request: Request) -> list[int]:
    return list(watchers_of(request).filter(muted=False).values_list("user_id", flat=True))


def _tell(
    request: Request,
    actor: Actor,
    event: str,
    concerned: Mapping[str, Iterable[int | None]],
    subject: Words,
    body: Words,
    *,
    note: Note | None = None,
) -> None:
    path = request.get_absolute_url()
    tell(event, concerned, subject, by=actor.id, body=body, path=path, record=request, note=note)


def tell_of_clock(item: RequestItem, event: str, subject: Words, *, at: datetime) -> None:
    """Who works on it, else its queue; of what is overdue its leads as well. Raises nothing."""
    if item.assigned_to_id is not None:
        concerned: dict[str, Iterable[int | None]] = {"assignee": [item.assigned_to_id]}
    else:
        concerned = {"team": members_of(item.team_id)}
    concerned["lead"] = _leads_of(item.team_id)
    tell(event, concerned, subject, by=None, path=item.get_absolute_url(), record=item.request, at=at)


def _leads_of(team_id: int) -> list[int]:
    led = User.objects.filter(memberships__team=team_id, memberships__lead=True, is_active=True)
    return list(led.values_list("pk", flat=True))


def tell_people_needed(item: RequestItem, task: Task, why: str) -> None:
    """Who works on it, else its queue: what was to run by itself needs people. Raises nothing."""
    subject = _("%(item)s needs people: %(task)s") % {"item": item.reference, "task": task.title}
    if item.assigned_to_id is not None:
        concerned: dict[str, Iterable[int | None]] = {"assignee": [item.assigned_to_id]}
    else:
        concerned = {"team": members_of(task.team_id or item.team_id)}
    tell(
        "request.needs_people", concerned, subject, by=None, body=why, path=item.get_absolute_url(), record=item.request
    )
