"""Pages of the places where people work: the list, and the form of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.accounts import operations
from itsm.accounts.queries.places import locations as every_location
from itsm.audit.recording import timeline
from itsm.people.forms.locations import LocationForm, as_typed
from itsm.people.views.people import colleague_of, keeper_of, tabs
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged

_ORDER = ("name", "id")


@login_required
def locations(request: HttpRequest) -> HttpResponse:
    actor = colleague_of(request)
    context = {"page": paged(every_location(), request.GET, _ORDER), **tabs(actor, "locations")}
    return render(request, "people/locations.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = keeper_of(request)
    form = LocationForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.add_location(actor=actor, **form.cleaned_data)
            messages.success(request, _("%(place)s is there.") % {"place": made})
            return redirect_after_write(request, reverse("accounts:locations"))
        status = refused.status
    return render(request, "people/location.html", {"form": form}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Its form, for who keeps people."""
    actor = keeper_of(request)
    place = get_object_or_404(every_location(), slug=slug)
    form = LocationForm(posted(request), place=place, initial=as_typed(place))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_location(place, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, reverse("accounts:locations"))
        status = refused.status
    context = {"form": form, "place": place, "events": activity(place, timeline(place), [])}
    return render(request, "people/location.html", context, status=status)
