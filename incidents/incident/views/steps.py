"""Moving an incident: one page and one dialog for every step of its workflow."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.incident import operations, queries
from incidents.incident.forms import step_form
from incidents.incident.workflow import WORKFLOW
from itsm.accounts.actors import actor_of
from itsm.approvals.views import waits
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, redirect_after_write

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "acknowledge": operations.acknowledge,
    "hold": operations.hold,
    "resume": operations.resume,
    "resolve": operations.resolve,
    "reopen": operations.reopen,
    "close": operations.close,
    "cancel": operations.cancel,
    "confirm": operations.confirm,
}


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """GET asks for what the step needs; POST takes it. A dialog posts by htmx and gets its form back."""
    if action not in _OPERATIONS:
        raise Http404
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    taken = WORKFLOW.steps.get(action)
    if taken is not None and not taken.who(actor, incident):
        raise NotPermitted(
            gettext("%(actor_name)s may not %(action)s %(incident_reference)s.")
            % {"actor_name": actor.name, "action": action, "incident_reference": incident.reference}
        )
    form = step_form(action)(request.POST if request.method == "POST" else None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and (form.is_valid() or not form.fields):
        with form_errors_from(form) as refused:
            moved = _OPERATIONS[action](incident, actor=actor, **getattr(form, "cleaned_data", {}))
            if moved.awaits is not None:
                return waits(request, moved.awaits)
            messages.success(request, _("%(reference)s: %(state)s") % _said(moved))
            return redirect_after_write(request, incident.get_absolute_url())
        status = refused.status
    template = "incidents/incident/partials/step_form.html" if request.htmx else "incidents/incident/step.html"  # type: ignore[attr-defined]
    context = {"incident": incident, "form": form, "action": action, "label": _label(action)}
    return render(request, template, context, status=status)


def _said(incident: Any) -> dict[str, Any]:
    return {"reference": incident.reference, "state": incident.get_status_display()}


def _label(action: str) -> Any:
    return WORKFLOW.steps[action].label if action in WORKFLOW.steps else _("Confirm")
