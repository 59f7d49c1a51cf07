"""What is to do on a change: a part of its page, and the forms that plan, tick and order it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changes.change import permissions
from changes.change.forms import ChangeTaskForm
from changes.change.models import Change
from changes.change.operations import checklist
from changes.change.operations.planning import require_planner
from changes.change.queries import listing
from changes.change.vocabulary import HOLDS_UP
from changes.change.workflow import OVER
from changes.change_models.vocabulary import TaskKind
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.queries.assignable import assignable
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, redirect_after_write, render_partial
from itsm.work.models import Task
from itsm.work.task_lines import lines
from itsm.work.tasks import tasks_of

_MOST_PEOPLE = 300


@login_required
def tasks(request: HttpRequest, reference: str) -> HttpResponse:
    """What is to do and what was done, in order."""
    actor = actor_permitted(request, permissions.staff, _("The work on a change is for people who work here."))
    return _part(request, listing.by_reference(actor, reference), actor)


def _part(
    request: HttpRequest,
    change: Change,
    actor: Actor,
    form: ChangeTaskForm | None = None,
    status: int = 200,
    edited: Task | None = None,
) -> HttpResponse:
    """`form`: one that was refused, of the task that is `edited`; of none, of one more."""
    is_open = change.status not in OVER
    plans = is_open and permissions.planners(actor, change)

    def address(task: int, verb: str) -> str:
        return reverse("changes:task", args=[change.reference, task, verb])

    def ticks(task: Task) -> bool:
        return is_open and permissions.staff_who_take_part(actor) and permissions.doers(actor, task)

    context: dict[str, Any] = {
        "task_lines": lines(
            tasks_of(change), address, may_plan=plans, may_tick=ticks, kinds=dict(TaskKind.choices), stops=HOLDS_UP,
            can_be_ordered=True, can_be_edited=True,
        ),
        "may_plan": plans,
        "task_form": form if form is not None and edited is None else ChangeTaskForm(),
        "edit_form": form if edited is not None else None,
        "edited": edited,
        "people": assignable()[:_MOST_PEOPLE] if plans else [],
        "add_task_url": reverse("changes:add_task", args=[change.reference]),
        "mandatory_label": _("It must be done before the change goes on"),
        "task_kinds": TaskKind.choices,
    }  # fmt: skip
    title = _("Tasks of %(reference)s") % {"reference": change.reference}
    return render_partial(request, "components/tasks.html", context, title=title, back=change, status=status)


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do."""
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    require_planner(change, actor)
    form, status = ChangeTaskForm(request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            checklist.add_task(change, actor=actor, **form.cleaned_data)
            return _back(request, change)
        status = refused.status
    return _part(request, change, actor, form, status)


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Tick a task, take the tick back, edit it, have it come earlier, or take it away."""
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    found = tasks_of(change).filter(pk=task).first()
    if found is None or verb not in {"done", "undone", "edit", "remove", "up"}:
        raise Http404
    if verb == "edit":
        return _edit(request, change, found, actor)
    if verb == "remove":
        checklist.remove_task(change, found, actor=actor)
    elif verb == "up":
        checklist.take_task_earlier(change, found, actor=actor)
    else:
        checklist.edit_task(change, found, actor=actor, done=verb == "done")
    return _back(request, change)


def _edit(request: HttpRequest, change: Change, task: Task, actor: Actor) -> HttpResponse:
    """What was not touched is not said anew: a promise may be given another date, and no other words."""
    require_planner(change, actor)
    form, status = ChangeTaskForm(request.POST), 422
    if form.is_valid():
        until = task.due_at.replace(second=0, microsecond=0) if task.due_at else None  # as the box shows it
        moved = {
            name: said
            for name, said in form.cleaned_data.items()
            if said != (until if name == "due_at" else getattr(task, name))
        }
        with form_errors_from(form) as refused:
            checklist.edit_task(change, task, actor=actor, **moved)
            return _back(request, change)
        status = refused.status
    return _part(request, change, actor, form, status, edited=task)


def _back(request: HttpRequest, change: Change) -> HttpResponse:
    return redirect_after_write(request, f"{change.get_absolute_url()}#tasks")
