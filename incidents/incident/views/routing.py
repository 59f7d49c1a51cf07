"""Why an incident lies where it lies: what each rule said, and asking the rules again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from incidents.incident import operations, permissions, queries
from incidents.incident.vocabulary import PriorityBy
from itsm.accounts.actors import actor_of
from itsm.assignment.queries import routings_of, steps
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import redirect_after_write, render_partial


@login_required
def routing(request: HttpRequest, reference: str) -> HttpResponse:
    """The traces, newest first, for those who work here; sent: route again."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    if not permissions.staff(actor):
        raise NotPermitted(_("What the rules said is for people who work here."))
    if request.method == "POST":
        operations.route_again(incident, actor=actor)
        return redirect_after_write(request, incident.get_absolute_url())
    context = {
        "incident": incident,
        "routings": [(one, steps(actor, one.record_kind, one.trace)) for one in routings_of(incident)],
        "priority_said": queries.priority_said(incident) if incident.priority_by == PriorityBy.PERSON else "",
        "may_route": incident.is_open and permissions.workers(actor, incident),
        "back_url": incident.get_absolute_url(),
        "back_name": incident.reference,
    }
    title = _("Why does %(incident)s lie in %(queue)s?") % {"incident": incident.reference, "queue": incident.team.name}
    return render_partial(request, "incidents/incident/routing.html", context, title=title)
