"""Parts for other pages: the problems behind an incident with the known errors that fit it, and what nobody owns."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from incidents.incident.models import Incident
from incidents.incident.permissions import readers, workers
from incidents.incident.queries import by_reference
from incidents.problem import permissions, queries
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import render_partial

_LONGEST = 200


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """The problems that caused an incident, and known errors that fit it; `?q=` looks for other words."""
    actor = actor_of(request)
    incident = by_reference(actor, reference)
    if not readers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    return behind(request, incident, actor)


def behind(request: HttpRequest, incident: Incident, actor: Actor, status: int = 200, **refused: Any) -> HttpResponse:
    """The part; `refused`: a form with what was typed."""
    text = request.GET.get("q", "")[:_LONGEST].strip()
    context = {
        "incident": incident,
        "problems": list(queries.problems_of(incident, actor)),
        "known": queries.fitting(incident, actor, text) if incident.is_open else [],
        "text": text,
        "may_open": permissions.responders(actor),
        "may_apply": workers(actor, incident) and incident.is_open and incident.merged_into_id is None,
        **refused,
    }
    title = _("Problems behind %(reference)s") % {"reference": incident.reference}
    return render_partial(
        request, "incidents/problem/partials/for_incident.html", context, title=title, status=status, back=incident
    )


@login_required
def unowned(request: HttpRequest) -> HttpResponse:
    """The outages of the last 28 days that no problem owns, service by service, the dearest first."""
    actor_permitted(request, permissions.staff, _("Problems are for people who work here."))
    sheet = queries.burn_of(None)
    context = {"sheet": sheet, "services": sheet.by_service()}
    return render(request, "incidents/problem/unowned.html", context)


@login_required
def burn(request: HttpRequest, reference: str) -> HttpResponse:
    """What a problem burned, outage by outage: a part of its page."""
    problem = queries.by_reference(actor_of(request), reference)
    title = _("Error budget burned by %(reference)s") % {"reference": problem.reference}
    context = {"problem": problem, "sheet": queries.burn_of(problem)}
    return render_partial(request, "incidents/problem/partials/burn.html", context, title=title, back=problem)
