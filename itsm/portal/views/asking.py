"""Something does not work: from one sentence to a report, in one form."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from catalog.services.queries import visible_services
from incidents.incident import operations
from incidents.incident.forms.record import NewIncidentForm
from itsm.accounts.actors import actor_permitted
from itsm.fields.forms import add_inputs, typed_in
from itsm.fields.queries import fillable
from itsm.portal import permissions
from itsm.portal.queries.shared import shares_with
from itsm.portal.views.home import suggestions
from itsm.ui.htmx import form_errors_from, redirect_after_write

_INCIDENT = "incident"  # as its typed fields name it


@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """The form. Sent from the first page (`begin`) it holds the question that was typed there, and what answers it."""
    actor = actor_permitted(
        request, permissions.participants, gettext("%(actor_name)s reads everything and changes nothing.")
    )
    begins, question = "begin" in request.POST, request.POST.get("q", "").strip()[:160]
    sent = request.POST if request.method == "POST" and not begins else None
    form = NewIncidentForm(visible_services(actor), sent, initial={"title": question, "service": _service(request)})
    add_inputs(form, fillable(_INCIDENT, actor, works_here=False), actor=actor)
    status = 200 if sent is None else 422
    if sent is not None and form.is_valid():
        with form_errors_from(form) as refused:
            said: dict[str, Any] = {
                name: value for name, value in form.cleaned_data.items() if name in form.declared_fields
            }
            made = operations.open_incident(actor=actor, attributes=typed_in(form), **said)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    context = {"form": form, "shared_with": shares_with(actor), **suggestions(actor, question)}
    return render(request, "portal/ask.html", context, status=status)


def _service(request: HttpRequest) -> str:
    return (request.POST.get("service", "") or request.GET.get("service", ""))[:64]
