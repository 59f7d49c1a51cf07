"""What is worked on together: tasks and links of one problem."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.problem import operations, permissions, queries
from incidents.problem.forms import LinkForm, ProblemTaskForm
from incidents.problem.models import Problem
from incidents.problem.operations.working import require_works_on
from incidents.problem.vocabulary import ANALYSIS, TASK_KINDS
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui import htmx
from itsm.ui.htmx import redirect_after_write, render_partial
from itsm.work.linking import link_named, linked_to
from itsm.work.task_lines import lines
from itsm.work.tasks import tasks_of


@login_required
def together(request: HttpRequest, reference: str) -> HttpResponse:
    """Tasks and links: a part of the record's page."""
    actor = actor_of(request)
    return part(request, queries.by_reference(actor, reference), actor)


def part(request: HttpRequest, problem: Problem, actor: Actor, status: int = 200, **refused: Form) -> HttpResponse:
    """The part; `refused`: a form with what was typed."""
    may_edit = permissions.workers(actor, problem)
    plans = may_edit and problem.is_standing
    context = {
        "problem": problem,
        "may_edit": may_edit,
        "task_lines": lines(
            tasks_of(problem),
            lambda task, verb: reverse("problems:task", args=[problem.reference, task, verb]),
            may_plan=plans,
            kinds={ANALYSIS: dict(TASK_KINDS)[ANALYSIS]},
        ),
        "task_kinds": TASK_KINDS,
        "may_plan": plans,
        "add_task_url": reverse("problems:add_task", args=[problem.reference]),
        "mandatory_label": _("Needed"),
        "people": assignable()[:300] if may_edit else [],
        "links": linked_to(problem, actor),
        "link_form": LinkForm(),
        **refused,
    }
    title = _("Working together on %(reference)s") % {"reference": problem.reference}
    return render_partial(request, "incidents/problem/partials/together.html", context, title=title, status=status)


def _done_or_told(
    request: HttpRequest, problem: Problem, actor: Actor, form_name: str, form: Form, do: Callable[[], object]
) -> HttpResponse:
    """What a form on this part asks for is done, and one is back there; else the part with what was typed."""
    return htmx.done_or_told(
        request, form, do, f"{problem.get_absolute_url()}#together",
        lambda status: part(request, problem, actor, status, **{form_name: form}),
    )  # fmt: skip


def _worked_on(actor: Actor, reference: str) -> Problem:
    problem = queries.by_reference(actor, reference)
    require_works_on(actor, problem)
    return problem


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do."""
    actor = actor_of(request)
    problem, form = _worked_on(actor, reference), ProblemTaskForm(request.POST)
    return _done_or_told(
        request, problem, actor, "task_form", form,
        lambda: operations.add_task(problem, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Tick a task, take the tick back, or take the task away."""
    actor = actor_of(request)
    problem = _worked_on(actor, reference)
    found = tasks_of(problem).filter(pk=task).first()
    if found is None or verb not in {"done", "undone", "remove"}:
        raise Http404
    if verb == "remove":
        operations.remove_task(problem, found, actor=actor)
    else:
        operations.edit_task(problem, found, actor=actor, done=verb == "done")
    return redirect_after_write(request, f"{problem.get_absolute_url()}#together")


@login_required
@require_POST
def add_link(request: HttpRequest, reference: str) -> HttpResponse:
    """Link it to another record."""
    actor = actor_of(request)
    problem, form = _worked_on(actor, reference), LinkForm(request.POST)
    return _done_or_told(
        request, problem, actor, "link_form", form,
        lambda: operations.connect(problem, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def unlink(request: HttpRequest, reference: str, link: int) -> HttpResponse:
    """Take a link away."""
    actor = actor_of(request)
    problem = _worked_on(actor, reference)
    operations.disconnect(problem, link_named(problem, actor, link), actor=actor)
    return redirect_after_write(request, f"{problem.get_absolute_url()}#together")
