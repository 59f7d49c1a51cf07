"""The calendar of closed times, and the models that make a change standard."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.models import Service
from catalog.services.permissions import standard_authorisers
from changes.calendar.models import CalendarWindow
from changes.calendar.operations import windows as keeping
from changes.change import permissions
from changes.change.forms import ModelForm, WindowForm
from changes.change.queries import register
from changes.change_models import operations as modelling
from changes.change_models.models import ChangeModel
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import refusals_on


def _version(request: HttpRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """What is closed, will be, and was; change managers add to it."""
    actor = actor_of(request)
    if request.method == "POST" and not permissions.calendar_keepers(actor):
        raise NotPermitted(_("Change managers keep the calendar."))
    form = WindowForm(Service.objects.visible_to(actor), request.POST or None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            keeping.add_window(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("It is in the calendar. Approvals that nobody had used are looked at again."))
            return redirect("changes:calendar")
        status = refused.status
    context = {"form": form, "now": timezone.now(), **register.calendar(timezone.now()), **_keeps(actor)}
    return render(request, "changes/calendar/calendar.html", context, status=status)


def _keeps(actor: Actor) -> dict[str, Any]:
    """Why something is closed is for people who work here: it may name an outage, a customer, a deal."""
    return {"may_keep": permissions.calendar_keepers(actor), "works_here": permissions.staff(actor)}


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    window = get_object_or_404(CalendarWindow, pk=pk)
    keeping.lift_window(window, actor=actor_of(request), version=_version(request), at=timezone.now())
    messages.success(request, _("Lifted. What it postponed is judged again."))
    return redirect("changes:calendar")


@login_required
def models(request: HttpRequest) -> HttpResponse:
    """The change models; service owners approve new ones."""
    actor = actor_of(request)
    if not permissions.staff(actor):
        raise NotPermitted(_("Change models are for people who work here."))
    if request.method == "POST" and not standard_authorisers(actor):
        raise NotPermitted(_("Only a service owner or an administrator, a person, approves a change model."))
    form = ModelForm(Service.objects.visible_to(actor), request.POST or None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            modelling.approve_model(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Approved: deployments within these bounds are standard changes now."))
            return redirect("changes:models")
        status = refused.status
    context = {"form": form, "models": register.models(timezone.now()), "may_approve": standard_authorisers(actor)}
    return render(request, "changes/change_models/models.html", context, status=status)


@login_required
@require_POST
def certify(request: HttpRequest, slug: str) -> HttpResponse:
    model = get_object_or_404(ChangeModel, slug=slug)
    modelling.certify_model(model, actor=actor_of(request), version=_version(request), at=timezone.now())
    messages.success(request, _("%(model)s is certified for another 180 days.") % {"model": slug})
    return redirect("changes:models")
