"""A card moved on the board: the same step, or the same edit, as everywhere. What a step asks for is asked first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import operations, permissions, queries
from incidents.incident.forms.record import EditForm
from incidents.incident.models import Incident
from incidents.incident.views.board import step_between
from incidents.incident.workflow import WORKFLOW
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, InvalidInput, NotPermitted, WrongState
from itsm.ui.htmx import form_errors_from, plain_sentence
from itsm.ui.steps import check_may, form_of

_FIELDS = {"priority": "priority", "team": "team", "assigned": "assigned_to"}
_ASKS = 422  # the answer is the form of what the step needs
_GONE = 204


@login_required
@require_POST
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """`group_by` and `to`: the column. The card comes back; or a form (422), or the sentence that says why not."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    if not permissions.responders(actor):
        raise NotPermitted(_("%(actor_name)s may not edit incidents.") % {"actor_name": actor.name})
    try:
        if request.POST.get("group_by") == "state":
            return _stepped(request, incident, actor)
        return _edited(request, incident, actor)
    except DomainError as refusal:
        return plain_sentence(refusal.detail, refusal.status)


def _stepped(request: HttpRequest, incident: Incident, actor: Actor) -> HttpResponse:
    target = request.POST.get("to", "")
    action = step_between(incident.status, target)
    if action is None:
        raise WrongState(
            _("No step leads from \u201c%(state)s\u201d to there.") % {"state": incident.get_status_display()},
            state=incident.status,
        )
    step = WORKFLOW.steps[action]
    check_may(step, actor, incident)
    form = form_of(step, incident)(request.POST if "asked" in request.POST else None)
    if form.fields and not form.is_valid():
        return _asked(request, form, step, incident)
    with form_errors_from(form) as refused:
        words = getattr(form, "cleaned_data", {})
        return _answered(request, WORKFLOW.take(action, incident, actor=actor, at=timezone.now(), **words), actor)
    if form.fields:
        return _asked(request, form, step, incident)
    return plain_sentence(" ".join(map(str, form.non_field_errors())), refused.status)


def _edited(request: HttpRequest, incident: Incident, actor: Actor) -> HttpResponse:
    field = _FIELDS.get(request.POST.get("group_by", ""))
    if field is None:
        raise InvalidInput.about("group_by", _("There is no such column."))
    form = EditForm(actor, {field: request.POST.get("to", ""), "version": request.POST.get("version", "")})
    if not form.is_valid():
        wrong = [sentence for sentences in form.errors.values() for sentence in sentences]
        return plain_sentence(" ".join(map(str, wrong)), 400)
    return _answered(request, operations.edit(incident, actor=actor, **form.sent()), actor)


def _asked(request: HttpRequest, form: Any, step: Any, incident: Incident) -> HttpResponse:
    context = {"form": form, "step": step, "record": incident, "to": request.POST.get("to", "")}
    return render(request, "incidents/incident/partials/card_asks.html", context, status=_ASKS)


def _answered(request: HttpRequest, kept: Any, actor: Actor) -> HttpResponse:
    if kept.awaits is not None:
        said = _("A second person must confirm this first: %(name)s.") % {"name": kept.awaits.reference}
        return plain_sentence(said, 202)
    fresh = queries.for_list(actor).filter(pk=kept.pk).first()
    if fresh is None:
        return HttpResponse(status=_GONE)
    context = {"incident": fresh, "soon": queries.soon(), "may_work": True, "by": request.POST.get("group_by", "state")}
    return render(request, "incidents/incident/partials/card.html", context)
