"""What is worked on together: tasks and links of one problem."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.problem import operations, permissions, queries
from incidents.problem.forms import ProblemTaskForm
from incidents.problem.models import Problem
from incidents.problem.operations.working import require_works_on
from incidents.problem.vocabulary import ANALYSIS, TASK_KINDS
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import render_partial
from itsm.work.forms import LinkForm
from itsm.work.linking import Relation, linked_to
from itsm.work.task_lines import lines
from itsm.work.tasks import tasks_of
from itsm.work.together import Together


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
        "link_form": LinkForm(initial={"relation": Relation.CAUSED.value}),
        **refused,
    }
    title = _("Working together on %(reference)s") % {"reference": problem.reference}
    return render_partial(request, "incidents/problem/partials/together.html", context, title=title, status=status)


def _worked_on(actor: Actor, reference: str) -> Problem:
    problem = queries.by_reference(actor, reference)
    require_works_on(actor, problem)
    return problem


_TOGETHER = Together(_worked_on, part, operations)


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do."""
    return _TOGETHER.add_task(request, reference, ProblemTaskForm)


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Tick a task, take the tick back, or take the task away."""
    return _TOGETHER.task(request, reference, task, verb)


@login_required
@require_POST
def add_link(request: HttpRequest, reference: str) -> HttpResponse:
    """Link it to another record."""
    return _TOGETHER.add_link(request, reference)


@login_required
@require_POST
def unlink(request: HttpRequest, reference: str, link: int) -> HttpResponse:
    """Take a link away."""
    return _TOGETHER.unlink(request, reference, link)
