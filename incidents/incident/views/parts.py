"""Parts for pages of other apps: what is open on a service."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from incidents.incident import permissions, queries
from incidents.incident.models import GRAVE, Incident
from incidents.incident.workflow import OPEN
from itsm.accounts.actors import actor_of
from itsm.accounts.queries.assignable import assignable
from itsm.ui.htmx import render_partial

_MAX_ROWS = 10
_MAX_SLUGS = 200
_MAX_SERVICES = 300
_MAX_PEOPLE = 200
_MAX_QUEUES = 200


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    open_ones = queries.for_list(actor).filter(service=service, status__in=OPEN).order_by("priority", "-id")[:_MAX_ROWS]
    title = _("Incidents of %(service)s") % {"service": service}
    context = {"service": service, "incidents": open_ones, "works_here": permissions.staff(actor)}
    return render_partial(request, "incidents/incident/partials/for_service.html", context, title=title, back=service)


@login_required
def choices(request: HttpRequest) -> JsonResponse:
    """What the boxes of the list offer, fetched once the list stands: services, who may be given work, and queues."""
    actor = actor_of(request)
    may_give = permissions.responders(actor)
    people = assignable()[:_MAX_PEOPLE] if may_give else ()
    queues = queries.queues_for(actor).only("slug", "name")[:_MAX_QUEUES] if may_give else ()
    services = visible_services(actor).only("slug", "name")[:_MAX_SERVICES]
    found = {
        "services": [(one.slug, one.name) for one in services],
        "people": [(str(one.pk), str(one)) for one in people],
        "queues": [(str(one.pk), Truncator(one.name).chars(40)) for one in queues],
    }
    return JsonResponse(found, headers={"Cache-Control": "private, max-age=60"})


@login_required
def open_counts(request: HttpRequest) -> HttpResponse:
    """How many are open on each of these services, for the cells of the services page."""
    slugs = request.GET.get("slugs", "").split(",")[:_MAX_SLUGS]
    open_ones = Incident.objects.visible_to(actor_of(request)).filter(service__slug__in=slugs, status__in=OPEN)
    counts = (
        open_ones.order_by().values_list("service__slug").annotate(total=Count("pk"), grave=Count("pk", filter=GRAVE))
    )
    return render(request, "incidents/incident/partials/open_counts.html", {"counts": list(counts)})
