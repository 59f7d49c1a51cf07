"""One problem: what is known on the left, its facts on the right, edited in place."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from incidents.incident import queries as incidents
from incidents.problem import operations, permissions, queries
from incidents.problem.forms import EditForm, NewProblemForm, NoteForm, RewriteForm, as_typed
from incidents.problem.models import Problem
from incidents.problem.operations.working import require_works_on
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.reading import was_read
from itsm.kernel.actors import Actor
from itsm.ui.activity import activity
from itsm.ui.htmx import done_or_told, form_errors_from, posted, redirect_after_write
from itsm.ui.steps import offered

_MOST_SHOWN = 20


@login_required
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    was_read(found, actor)
    return page_of(request, found, actor)


def page_of(request: HttpRequest, problem: Problem, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    """The record as a whole; `more`: a form that was refused, with what was typed."""
    context = {
        **facts_of(problem, actor),
        "events": activity(problem, queries.story_of(problem), queries.notes_on(problem)),
        "incidents": incidents.for_list(actor)
        .filter(pk__in=queries.incident_ids(problem))
        .order_by("-pk")[:_MOST_SHOWN],
        "waiting": queries.waiting_for(problem, actor).count(),
        "fixes": queries.fixes_of(problem),
        "may_ask": problem.is_standing and queries.may_ask_for_fix(actor),
        "note_form": NoteForm(),
        **more,
    }
    return render(request, "incidents/problem/detail.html", context, status=status)


def facts_of(problem: Problem, actor: Actor) -> dict[str, Any]:
    """What stands beside it, and who may change it."""
    may_edit = permissions.workers(actor, problem)
    survivor = problem.duplicate_of
    return {
        "problem": problem,
        "steps": offered(problem, actor, "problems:step"),
        "may_edit": may_edit,
        "survivor": survivor if survivor is not None and queries.may_see(actor, survivor) else None,
        "people": assignable()[:300] if may_edit else [],
        "services": visible_services(actor)[:300] if may_edit else [],
        "queues": [*incidents.queues_for(actor).exclude(pk=problem.team.pk)[:200], problem.team] if may_edit else [],
    }


@login_required
@require_POST
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the facts that were sent. From the facts in place they come back, with whatever clashed."""
    actor = actor_of(request)
    problem = queries.by_reference(actor, reference)
    require_works_on(actor, problem)
    form = EditForm(actor, request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit(problem, actor=actor, **form.sent())
            status = 200
        status = status if status == 200 else refused.status
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(problem) if status == 200 else page_of(request, problem, actor, status, edit_form=form)
    fresh = {
        **facts_of(queries.by_reference(actor, reference), actor), "edit_form": form, "is_stale": status == 412,
    }  # fmt: skip
    response = render(request, "incidents/problem/partials/facts.html", fresh, status=status)
    response["HX-Trigger"] = "record-changed"
    return response


@login_required
def events(request: HttpRequest, reference: str) -> HttpResponse:
    """The timeline alone, after something on the page changed."""
    problem = queries.by_reference(actor_of(request), reference)
    told = activity(problem, queries.story_of(problem), queries.notes_on(problem))
    return render(request, "components/timeline.html", {"events": told})


@login_required
def rewrite(request: HttpRequest, reference: str) -> HttpResponse:
    """The form for its words, service and category."""
    actor = actor_of(request)
    problem = queries.by_reference(actor, reference)
    require_works_on(actor, problem)
    form = RewriteForm(posted(request), initial=as_typed(problem))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit(problem, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, problem.get_absolute_url())
        status = refused.status
    return render(request, "incidents/problem/rewrite.html", {"problem": problem, "form": form}, status=status)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Open a problem; `?from=INC-00042` (also several, apart by spaces): raised from these records."""
    actor = actor_permitted(request, permissions.responders, gettext("%(actor_name)s may not open problems."))
    origin = request.GET.get("from", "")[:300]
    form = NewProblemForm(posted(request), initial=_begun(actor, origin))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            problem = operations.open_problem(actor=actor, **form.said())
            return redirect_after_write(request, problem.get_absolute_url())
        status = refused.status
    return render(request, "incidents/problem/new.html", {"form": form, "origin": origin}, status=status)


def _begun(actor: Actor, origin: str) -> dict[str, Any]:
    """What the form begins with, of the first incident that it is raised from."""
    first = next(iter(origin.split()), "")
    if not first.upper().startswith("INC-"):
        return {"raised_from": origin}
    incident = incidents.by_reference(actor, first)
    return {
        "raised_from": origin,
        "statement": incident.title[:200],
        "symptom": incident.description,
        "service": incident.service.slug if incident.service else "",
        "category": incident.category_id,
    }


@login_required
@require_POST
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """A note for those who work here."""
    actor = actor_of(request)
    problem, form = queries.by_reference(actor, reference), NoteForm(request.POST)
    require_works_on(actor, problem)
    return done_or_told(
        request, form, lambda: operations.note(problem, actor=actor, text=form.cleaned_data["text"]),
        f"{problem.get_absolute_url()}#story", lambda status: page_of(request, problem, actor, status, note_form=form),
    )  # fmt: skip
