"""Items of a request: steps, decisions, who fulfils them, their tasks."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.requests import operations, queries
from catalog.requests.forms import AssignForm, DecisionForm, EndTaskForm, TaskForm
from catalog.requests.models import RequestItem
from catalog.requests.operations.working import require_works_on
from catalog.requests.views.record import page_of
from catalog.requests.workflow import ITEM
from itsm.accounts.actors import actor_of
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, redirect_after_write, word_posted
from itsm.ui.steps import step_page
from itsm.work.tasks import tasks_of

item_step = step_page(ITEM, queries.item_by_reference)


def _done_or_told(
    request: HttpRequest, item: RequestItem, actor: Actor, name: str, form: Form, do: Callable[[], object]
) -> HttpResponse:
    """What a form on the page asks for is done, and one is back there; else the page with what was typed."""
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            do()
            return redirect_after_write(request, item.get_absolute_url())
        status = refused.status
    return page_of(request, item.request, actor, status, **{name: form, "refused_item": item.pk})


@login_required
@require_POST
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Approve or decline an item."""
    actor = actor_of(request)
    item, form = queries.item_by_reference(actor, reference), DecisionForm(request.POST)
    if not queries.decides_item(actor, item):
        words = {"name": actor.name, "reference": item.reference}
        raise NotPermitted(_("%(name)s is not asked to decide about %(reference)s.") % words)
    decision = word_posted(request, "decision", "approve", "decline")
    return _done_or_told(
        request, item, actor, "decision_form", form,
        lambda: operations.decide(item, actor=actor, decision=decision, comment=form.cleaned_data["comment"]),
    )  # fmt: skip


@login_required
@require_POST
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Say who fulfils it."""
    actor = actor_of(request)
    item, form = _worked_on(actor, reference), AssignForm(request.POST)
    return _done_or_told(
        request, item, actor, "assign_form", form,
        lambda: operations.assign(item, actor=actor, person=form.cleaned_data["assigned_to"]),
    )  # fmt: skip


def _worked_on(actor: Actor, reference: str) -> RequestItem:
    item = queries.item_by_reference(actor, reference)
    require_works_on(actor, item)
    return item


@login_required
@require_POST
def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """One more thing to do, beside the plan."""
    actor = actor_of(request)
    item, form = _worked_on(actor, reference), TaskForm(request.POST)
    return _done_or_told(
        request, item, actor, "task_form", form,
        lambda: operations.add_task(item, actor=actor, **form.cleaned_data),
    )  # fmt: skip


@login_required
@require_POST
def task(request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
    """Begin a task, end it, or ask for its change once more."""
    actor = actor_of(request)
    item = _worked_on(actor, reference)
    found = tasks_of(item).filter(pk=task).first()
    if found is None or verb not in {"begin", "end", "retry"}:
        raise Http404
    if verb == "end":
        form = EndTaskForm(request.POST)
        return _done_or_told(
            request, item, actor, "end_form", form,
            lambda: operations.settle_task(item, found, actor=actor, **form.cleaned_data),
        )  # fmt: skip
    if verb == "begin":
        operations.begin_task(item, found, actor=actor)
    else:
        operations.retry_change(item, found, actor=actor, at=timezone.now())
    return redirect_after_write(request, item.get_absolute_url())
