"""One window of the calendar: its scope, whom it hits, and the life of a lockdown."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from changes.calendar.forms import LockdownForm
from changes.calendar.models import CLOSING, CalendarWindow
from changes.calendar.operations.lockdowns import edit_draft
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries.page import with_scope, with_times
from changes.calendar.workflow import LOCKDOWN, PREPARED, WindowStatus
from changes.change.models import LockdownHold
from changes.change.operations.previewing import MOST, hit_by
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import Team
from itsm.accounts.permissions import staff
from itsm.approvals.queries import about
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, version_posted
from itsm.ui.steps import offered, step_page

_MOST_HOLDS = 200


def _find(actor: Actor, reference: str) -> CalendarWindow:
    number = reference.removeprefix("window-")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    found: CalendarWindow = get_object_or_404(with_times(with_scope(actor), timezone.now()), pk=pk)
    return found


step = step_page(LOCKDOWN, _find)


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Write the draft of a lockdown anew."""
    actor = actor_permitted(request, calendar_keepers, _("Change managers keep the calendar."))
    found = _find(actor, reference)
    if found.status != WindowStatus.DRAFT:
        raise WrongState(_("Only the draft of a lockdown is edited."), state=found.status)
    form = LockdownForm(
        visible_services(actor), Team.objects.visible_to(actor), posted(request), initial=LockdownForm.initial_of(found)
    )
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            edit_draft(found, actor=actor, version=version_posted(request), at=timezone.now(), **form.said())
            messages.success(request, _("Saved. It holds nothing before another change manager has approved it."))
            return redirect(found)
        status = refused.status
    return render(request, "changes/change/edit_window.html", {"form": form, "window": found}, status=status)


@login_required
def window(request: HttpRequest, reference: str) -> HttpResponse:
    """What it is for, whom it hits as things stand, what a lockdown holds, and who did what."""
    actor = actor_permitted(request, staff, _("Why something is closed is for people who work here."))
    found = _find(actor, reference)
    is_lockdown = found.window_type == CalendarWindow.Kind.LOCKDOWN
    is_ahead = found.window_type in CLOSING and found.status in PREPARED and found.ends_at > timezone.now()
    context = {
        "window": found,
        "is_lockdown": is_lockdown,
        "hit": hit_by(found, timezone.now())[:MOST] if is_ahead else None,
        "most": MOST,
        "holds": LockdownHold.objects.filter(window=found).select_related("change__service")[:_MOST_HOLDS],
        "asks": about(found) if is_lockdown else [],
        "steps": offered(found, actor, "changes:window_step") if is_lockdown else [],
        "may_keep": calendar_keepers(actor),
        "may_edit": calendar_keepers(actor) and found.status == WindowStatus.DRAFT,
        "events": activity(found, list(timeline(found))),
    }
    return render(request, "changes/change/window.html", context)
