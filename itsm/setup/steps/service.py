"""The first services."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services import operations as catalog
from catalog.services.queries import visible_services
from itsm.setup.facts import SERVICE
from itsm.setup.forms import (
    FirstServiceForm,
)
from itsm.setup.steps import SHOWN
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted


@login_required
def service(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    form = FirstServiceForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = catalog.create_service(actor=actor, **form.said())
            messages.success(request, _("%(name)s is in the catalog.") % {"name": made.name})
            return redirect("setup:service")
        status = refused.status
    newest = visible_services(actor).select_related("team").order_by("-id")[:SHOWN]
    return stepped(request, SERVICE, "setup/service.html", {"form": form, "newest": newest}, status)


@login_required
@require_POST
def take_back_service(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo: a service that nothing stands on yet."""
    actor = setter(request)
    found = get_object_or_404(visible_services(actor), slug=slug)
    catalog.remove_service(found, actor=actor, version=found.version)
    messages.success(request, _("%(name)s is taken back.") % {"name": found.name})
    return redirect("setup:service")
