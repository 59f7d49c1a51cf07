"""Telling those who wait, and applying a known error to an incident."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from incidents.incident import queries as incidents
from incidents.problem import operations, queries
from incidents.problem.forms import ApplyForm, BroadcastForm
from incidents.problem.models import Problem
from incidents.problem.operations.working import require_works_on
from incidents.problem.views.parts import behind
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial


@login_required
@require_http_methods(["GET", "POST"])
def broadcast(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell those who wait: the form, whom it reaches, and how what was told goes."""
    actor = actor_of(request)
    problem = queries.by_reference(actor, reference)
    if request.method == "POST":
        require_works_on(actor, problem)
    form = BroadcastForm(posted(request), initial={"text": problem.workaround})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.broadcast(problem, actor=actor, **form.cleaned_data)
            owed = queries.broadcasts_of(problem, actor)[0].owed
            said = ngettext("%(count)s note is on its way.", "%(count)s notes are on their way.", owed)
            none = _("All of them have these words already.")
            messages.success(request, said % {"count": owed} if owed else none)
            return redirect_after_write(request, f"{problem.get_absolute_url()}#telling")
        status = refused.status
    return told(request, problem, actor, form, status)


def told(request: HttpRequest, problem: Problem, actor: Actor, form: BroadcastForm, status: int = 200) -> HttpResponse:
    """The part of the record's page; it asks again while something is owed."""
    broadcasts = queries.broadcasts_of(problem, actor)
    context = {
        "problem": problem,
        "broadcasts": broadcasts,
        "is_going_on": any(not one.is_done for one in broadcasts),
        "waiting": queries.waiting_for(problem, actor).count(),
        "broadcast_form": form,
        "may_tell": queries.may_tell(problem, actor),
    }
    title = _("Telling those who wait for %(reference)s") % {"reference": problem.reference}
    return render_partial(
        request, "incidents/problem/partials/telling.html", context, title=title, status=status, back=problem
    )


@login_required
@require_POST
def apply(request: HttpRequest, reference: str) -> HttpResponse:
    """Apply a known error to an incident: one is back on the incident, with what was refused beside the offer."""
    actor = actor_of(request)
    problem, form = queries.by_reference(actor, reference), ApplyForm(request.POST)
    incident = incidents.by_reference(actor, request.POST.get("incident", "")[:20])
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.apply(problem, actor=actor, **form.cleaned_data)
            messages.success(request, _("%(problem)s is applied.") % {"problem": problem.reference})
            return redirect_after_write(request, f"{incident.get_absolute_url()}#problems")
        status = refused.status
    return behind(request, incident, actor, status, apply_form=form)
