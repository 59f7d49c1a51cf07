"""Parts for other pages: the problems behind an incident, and those of a service."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from incidents.incident.permissions import readers
from incidents.incident.queries import by_reference
from incidents.problem import permissions, queries
from itsm.accounts.actors import actor_of
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import render_partial


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """The problems that caused an incident, and known errors that fit it."""
    actor = actor_of(request)
    incident = by_reference(actor, reference)
    if not readers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(_("%(name)s reads only the public side of %(reference)s.") % said)
    context = {
        "incident": incident,
        "problems": list(queries.problems_of(incident, actor)),
        "may_open": permissions.responders(actor),
    }
    title = _("Problems behind %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "incidents/problem/partials/for_incident.html", context, title=title, back=incident)
