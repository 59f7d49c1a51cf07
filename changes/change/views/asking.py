"""Asking the gate by hand."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.forms import NewChangeForm
from changes.change.operations.asking import ask_gate
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def new(request: HttpRequest) -> HttpResponse:
    refusal = _("%(actor_name)s may not ask the gate; engineers, owners and managers may.")
    actor = actor_permitted(request, permissions.askers, refusal)
    initial = {"service": request.GET.get("service", ""), "items": request.GET.get("items", "")}
    form = NewChangeForm(visible_services(actor), posted(request), initial=initial, actor=actor)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            evaluation = ask_gate(form.question(), actor=actor, at=timezone.now())
            return redirect_after_write(request, evaluation.change.get_absolute_url())
        status = refused.status
    return render(request, "changes/change/new.html", {"form": form}, status=status)
