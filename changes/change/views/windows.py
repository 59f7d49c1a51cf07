"""One window of the calendar: its scope, whom it hits, and the life of a lockdown."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from changes.calendar.models import CLOSING, CalendarWindow
from changes.calendar.permissions import calendar_keepers
from changes.calendar.queries.page import with_scope, with_times
from changes.calendar.workflow import LOCKDOWN, PREPARED
from changes.change.models import LockdownHold
from changes.change.operations.previewing import MOST, hit_by
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.approvals.queries import about
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.ui.activity import activity
from itsm.ui.steps import offered, step_page

_MOST_HOLDS = 200


def _find(actor: Actor, reference: str) -> CalendarWindow:
    number = reference.removeprefix("window-")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    found: CalendarWindow = get_object_or_404(with_times(with_scope(actor), timezone.now()), pk=pk)
    return found


step = step_page(LOCKDOWN, _find)


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
        "events": activity(found, list(timeline(found))),
    }
    return render(request, "changes/change/window.html", context)
