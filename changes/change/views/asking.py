"""Asking the gate by hand."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.forms.content import NewChangeForm
from changes.change.forms.questions import questions_for
from changes.change.operations.asking import ask_gate
from changes.change.queries.origins import origin_of
from changes.policies.queries import in_force
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """?from=INC-42 (or an item): what it is raised from, which is linked and fills in what is known of it."""
    refusal = _("%(actor_name)s may not ask the gate; engineers, owners and managers may.")
    actor = actor_permitted(request, permissions.askers, refusal)
    initial = {"service": request.GET.get("service", ""), "items": request.GET.get("items", "")}
    said = request.POST.get("raised_from", "") or request.GET.get("from", "")
    origin = origin_of(actor, said) if said else None
    initial |= origin.initial if origin else {}
    form = NewChangeForm(visible_services(actor), posted(request), initial=initial, actor=actor)
    questions = questions_for(in_force().questionnaire, request.POST if request.method == "POST" else initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid() and questions.is_valid():
        with form_errors_from(form) as refused:
            evaluation = ask_gate(
                replace(form.question(), answers=questions.answers()), actor=actor, at=timezone.now(), by_hand=True
            )
            return redirect_after_write(request, evaluation.change.get_absolute_url())
        status = refused.status
    context = {"form": form, "origin": origin, "questions": questions}
    return render(request, "changes/change/new.html", context, status=status)
