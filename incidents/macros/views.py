"""Macros on an incident: the menu, what one would do, doing it, and its text for the box in which people write."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.incident import permissions
from incidents.incident import queries as incidents
from incidents.incident.models import Incident
from incidents.incident.views.row import as_it_stands
from incidents.macros.queries import choices
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.macros import operations
from itsm.macros.models import Macro
from itsm.macros.owners import editor_label
from itsm.ui.htmx import plain_sentence, redirect_after_write, render_partial, version_posted

_MOST_OFFERED = 60


def _worked_on(actor: Actor, reference: str) -> Incident:
    incident = incidents.by_reference(actor, reference)
    if not permissions.workers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference, "team": incident.team.name}
        raise NotPermitted(_("%(name)s may not change %(reference)s: no right to change in %(team)s.") % said)
    return incident


@login_required
def menu(request: HttpRequest, reference: str) -> HttpResponse:
    """The macros that are offered on this incident; those that it refuses now say why."""
    actor = actor_of(request)
    incident = _worked_on(actor, reference)
    offered = operations.offered_on(incident, actor)[:_MOST_OFFERED]
    rows = [(one, operations.look_at_macro(one, incident, actor=actor)) for one in offered]
    title = _("Macros for %(reference)s") % {"reference": incident.reference}
    context = {"incident": incident, "rows": rows}
    return render_partial(request, "incidents/macros/menu.html", context, title=title)


@login_required
def macro(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """GET: what this macro would do to this incident. POST: do it; the list gets the line, or the sentence why not."""
    actor = actor_of(request)
    incident = _worked_on(actor, reference)
    found = operations.macro_named(actor, Incident.kind, slug)
    if request.method == "POST":
        return _applied(request, incident, found, actor)
    context = _looked_at(incident, found, actor)
    title = _("%(macro)s on %(reference)s") % {"macro": found.name, "reference": incident.reference}
    return render_partial(request, "incidents/macros/preview.html", context, title=title)


def _looked_at(incident: Incident, macro: Macro, actor: Actor) -> dict[str, Any]:
    preview, known = operations.preview_macro(macro, incident, actor=actor), choices(actor)
    lines = [(line, editor_label(known, line.action.kind, line.action.value)) for line in preview.lines]
    return {"incident": incident, "macro": macro, "preview": preview, "lines": lines}


def _applied(request: HttpRequest, incident: Incident, macro: Macro, actor: Actor) -> HttpResponse:
    for_a_row = request.headers.get("X-Row") == "1"
    try:
        done = operations.apply_macro(
            macro, incident, actor=actor, version=version_posted(request),
            macro_version=version_posted(request, "macro_version"),
        )  # fmt: skip
    except DomainError as refusal:
        if for_a_row:
            return plain_sentence(refusal.detail, refusal.status)
        context = {**_looked_at(incident, macro, actor), "refused": refusal.detail}
        title = _("%(macro)s on %(reference)s") % {"macro": macro.name, "reference": incident.reference}
        template = "incidents/macros/preview.html"
        return render_partial(request, template, context, title=title, status=refusal.status)
    return as_it_stands(request, done, actor) if for_a_row else _back(request, done, macro, actor)


def _back(request: HttpRequest, incident: Incident, macro: Macro, actor: Actor) -> HttpResponse:
    said = {"macro": macro.name, "reference": incident.reference}
    messages.success(request, _("%(macro)s is done on %(reference)s.") % said)
    seen = incidents.may_see(actor, incident)
    return redirect_after_write(request, incident.get_absolute_url() if seen else reverse("incidents:list"))


@login_required
def text(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """The text of a macro, filled in for this incident, for the box in which a reply is written."""
    actor = actor_of(request)
    incident = _worked_on(actor, reference)
    written, public = operations.text_of(
        operations.macro_named(actor, Incident.kind, slug), incident, actor=actor
    )  # fmt: skip
    return JsonResponse({"text": written, "public": public})
