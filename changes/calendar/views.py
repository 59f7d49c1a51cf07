"""The calendar of closed times."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from changes.calendar import permissions
from changes.calendar.forms import WindowForm
from changes.calendar.models import CalendarWindow
from changes.calendar.operations import windows as keeping
from changes.calendar.queries import page
from changes.calendar.workflow import WindowStatus
from itsm.accounts.actors import actor_of
from itsm.accounts.models import Team
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, version_posted


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """What is closed, will be, and was; change managers add to it."""
    actor = actor_of(request)
    if request.method == "POST" and not permissions.calendar_keepers(actor):
        raise NotPermitted(_("Change managers keep the calendar."))
    form = WindowForm(
        visible_services(actor),
        Team.objects.visible_to(actor),
        posted(request),
        initial={"zone": timezone.get_current_timezone_name()},
    )
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            window = keeping.add_window(actor=actor, at=timezone.now(), **form.said())
            if window.status == WindowStatus.DRAFT:
                messages.info(request, _("It is a draft, and holds nothing yet: ask another change manager for it."))
                return redirect(window)
            messages.success(request, _("It is in the calendar. Approvals that nobody had used are looked at again."))
            return redirect("changes:calendar")
        status = refused.status
    context = {"form": form, "now": timezone.now(), **page.calendar(actor, timezone.now()), **_keeps(actor)}
    return render(request, "changes/calendar/calendar.html", context, status=status)


def _keeps(actor: Actor) -> dict[str, Any]:
    """Why something is closed is for people who work here: it may name an outage, a customer, a deal."""
    return {"may_keep": permissions.calendar_keepers(actor), "works_here": staff(actor)}


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    window = get_object_or_404(CalendarWindow, pk=pk)
    keeping.lift_window(window, actor=actor_of(request), version=version_posted(request), at=timezone.now())
    messages.success(request, _("Lifted. What it postponed is judged again."))
    return redirect("changes:calendar")
