"""Parts for pages of other apps: is this service healthy, and the cells of the services list."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.ui.htmx import render_partial
from slo.objectives import permissions
from slo.objectives.queries import objective_rows

_MAX_SLUGS = 200


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    context = {
        "service": service,
        "lines": objective_rows.of_service(actor, service, timezone.now()),
        "may_read": permissions.readers(actor),
        "may_set": permissions.keepers(actor, service),
    }
    title = _("Objectives of %(service)s") % {"service": service}
    return render_partial(request, "slo/objectives/partials/for_service.html", context, title=title, back=service)


@login_required
def overview_badges(request: HttpRequest) -> HttpResponse:
    """The state and budget of each of these services, for the cells of the services page."""
    slugs = request.GET.get("slugs", "").split(",")[:_MAX_SLUGS]
    worst = objective_rows.worst_by_service(actor_of(request), slugs, timezone.now())
    return render(request, "slo/objectives/partials/overview_badges.html", {"worst": worst.items()})
