"""Saved views of the list: a query gets a name, becomes a tab, is renewed or removed."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident.forms import ViewForm
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_of
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, redirect_after_write
from itsm.work import saved_views
from itsm.work.models import View


@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Name what the list shows; it becomes a tab of one's own at once."""
    actor = actor_of(request)
    if not saved_views.makers(actor):
        raise NotPermitted(_("%(actor_name)s may not save views.") % {"actor_name": actor.name})
    given = {name: request.GET[name] for name in ("query", "sort") if name in request.GET}
    form = ViewForm(actor, request.POST or None, initial=given)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            view = saved_views.save_view(actor=actor, record_kind=Incident.kind, **form.cleaned_data)
            saved_views.pin(view, actor=actor)
            return redirect_after_write(request, _address(view))
        status = refused.status
    return render(request, "incidents/incident/save_view.html", {"form": form}, status=status)


@login_required
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a view a tab, take the tab away, or remove the view: by the button that was used."""
    actor = actor_of(request)
    view = saved_views.view_named(actor, Incident.kind, slug)
    match request.POST.get("do"):
        case "pin":
            saved_views.pin(view, actor=actor)
        case "unpin":
            saved_views.unpin(view, actor=actor)
        case "delete":
            saved_views.delete_view(view, actor=actor)
            return redirect_after_write(request, reverse("incidents:list"))
        case _:
            raise InvalidInput(_("Say pin, unpin or delete."))
    return redirect_after_write(request, _address(view))


def _address(view: View) -> str:
    return f"{reverse('incidents:list')}?{urlencode({'view': view.slug})}"
