"""The war room: what a major incident is, what happened, what is done, and who is told. It stays true by itself."""

from typing import Any
from zlib import crc32

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from incidents.incident.queries import family_of
from incidents.major import permissions, queries
from incidents.major.forms import SayForm, StakeholderForm
from incidents.major.models import Major
from incidents.major.workflow import TURNED_DOWN, Status
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.reading import was_read
from itsm.kernel.actors import Actor
from itsm.ui.steps import offered
from itsm.work.forms import TaskForm
from itsm.work.task_lines import lines
from itsm.work.tasks import tasks_of

_NOTHING = 204
_MOST_LINES = 80  # on the page, beside what is pinned; each is drawn anew as something moves


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    was_read(found, actor)
    return page_of(request, found, actor)


def page_of(request: HttpRequest, major: Major, actor: Actor, status: int = 200, **refused: Any) -> HttpResponse:
    """The room as a whole; `refused`: a form with what was typed."""
    may_plan = _works(major, actor)
    context = {
        **_live(major, actor),
        **_together(major, may_plan=may_plan),
        "steps": offered(major, actor, "majors:step"),
        "works": may_plan,
        "may_edit": may_plan and major.status != Status.PROPOSED,
        "say_form": SayForm(),
        "family": family_of(major.incident, actor),
        **refused,
    }
    return render(request, "incidents/major/room.html", context, status=status)


def _together(major: Major, *, may_plan: bool) -> dict[str, Any]:
    """What is to do, and who hears of it."""
    return {
        "stakeholder_form": StakeholderForm() if may_plan else None,
        "stakeholders": list(major.stakeholders.select_related("person")),
        "task_lines": lines(
            tasks_of(major),
            lambda task, verb: reverse("majors:task", args=[major.reference, task, verb]),
            may_plan=may_plan,
        ),
        "task_form": TaskForm(),
        "may_plan": may_plan,
        "add_task_url": reverse("majors:add_task", args=[major.reference]),
        "people": assignable()[:300] if may_plan else [],
    }


@login_required
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """What moved since the page was drawn: the timeline and, out of band, the head, and tasks and stakeholders where
    these moved; 204 where nothing did.

    `stamp`: what was drawn last; `since`: how the record stood as the page was loaded; `tasks`, `hears`: how these
    parts stood as they were drawn last, by their own word: under somebody's hands they are not swapped, and come again.
    """
    actor = actor_of(request)
    major = queries.by_reference(actor, reference)
    context = _live(major, actor)
    moved = [one for one in ("tasks", "hears") if request.GET.get(one) != context[f"{one}_stamp"]]
    if request.GET.get("stamp") == context["stamp"] and not moved:
        return HttpResponse(status=_NOTHING)
    drawn_from = request.GET.get("since", "")[:20]
    context |= {"is_behind": drawn_from != context["beside"], "beside": drawn_from, "works": _works(major, actor)}
    parts = ["timeline", "head", "suspects"]
    if moved:
        context |= _together(major, may_plan=context["works"])
        parts += [{"tasks": "tasks", "hears": "stakeholders"}[one] for one in moved]
    drawn = [
        render_to_string(f"incidents/major/partials/{one}.html", {**context, "oob": one != "timeline"}, request)
        for one in parts
    ]
    return HttpResponse("".join(drawn))


def _works(major: Major, actor: Actor) -> bool:
    return permissions.workers(actor, major) and major.status not in {*TURNED_DOWN, Status.CONCLUDED}


def _live(major: Major, actor: Actor) -> dict[str, Any]:
    """What the head, the timeline and the suspects are drawn from, with their stamps."""
    now = timezone.now()
    timeline = queries.timeline_of(major, actor, now=now)
    suspects = queries.suspects_of(major, actor, now)
    is_overdue = major.is_overdue(now)
    beside = _crc(major.version, major.incident.version)
    lines_stamp = _crc(len(timeline.lines), *((one.key, one.pinned) for one in timeline.lines[:200]))
    return {
        "major": major,
        "incident": major.incident,
        "timeline": [line for place, line in enumerate(timeline.lines) if place < _MOST_LINES or line.pinned],
        "has_more": len(timeline.lines) > _MOST_LINES,
        "suspects": suspects,
        "is_overdue": is_overdue,
        "beside": beside,
        "tasks_stamp": _crc(_tasks_stand(major)),
        "hears_stamp": _crc(list(major.stakeholders.order_by("pk").values_list("pk", flat=True))),
        "stamp": _crc(beside, lines_stamp, is_overdue, len(suspects)),
    }


def _tasks_stand(major: Major) -> list[tuple[Any, ...]]:
    seen = ("pk", "done_at", "title", "assigned_to", "mandatory")
    return list(tasks_of(major).order_by("pk").values_list(*seen))


def _crc(*parts: object) -> str:
    return f"{crc32(repr(parts).encode()):x}"
