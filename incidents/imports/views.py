"""What happened to an imported incident before it came here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from incidents.imports import queries
from incidents.imports.vocabulary import SOURCES
from itsm.accounts.actors import actor_of
from itsm.ui.htmx import render_partial


@login_required
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the incident's page."""
    incident, origin = queries.origin(actor_of(request), reference)
    source = SOURCES.get(origin.source, origin.source)
    context = {"incident": incident, "origin": origin, "source": source, "events": queries.history_there(incident)}
    title = _("%(reference)s before it came here") % {"reference": incident.reference}
    return render_partial(request, "incidents/imports/history.html", context, title=title)
