"""The part of the incident's page that says when it is due, and why."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.incident import queries as incidents
from incidents.sla import queries
from incidents.sla.operations import clock_name
from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import staff
from itsm.clocks.explain import why
from itsm.clocks.reading import reading_of
from itsm.clocks.terms import Terms
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import render_partial


@login_required
def clocks(request: HttpRequest, reference: str) -> HttpResponse:
    """Its clocks, each with what counted and what did not; for those who work here."""
    actor = actor_of(request)
    incident = incidents.by_reference(actor, reference)
    if not staff(actor):
        raise NotPermitted(_("Due times are for people who work here."))
    now = timezone.now()
    rows = [
        {
            "clock": clock, "name": clock_name(clock), "terms": Terms.from_json(clock.terms),
            "elapsed": reading_of(clock).elapsed(now), "rows": why(clock, now),
            "overdue": clock.due_at is not None and clock.due_at < now,
        }
        for clock in queries.clocks_of(incident)
        if clock.state != clock.State.VOID
    ]  # fmt: skip
    title = _("When is %(incident)s due, and why?") % {"incident": incident.reference}
    context = {
        "incident": incident, "rows": rows, "back_url": incident.get_absolute_url(), "back_name": incident.reference,
    }  # fmt: skip
    return render_partial(request, "incidents/sla/clocks.html", context, title=title)
