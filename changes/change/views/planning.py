"""When a change runs: what is in its way, and where it would fit; picking a free time sets its window."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changes.change import permissions
from changes.change.forms import LengthForm, SlotForm
from changes.change.models import Change
from changes.change.operations import editing
from changes.change.queries import listing
from changes.change.queries.conflicts import conflicts_of
from changes.change.queries.slots import slots_of
from changes.change.views.calendar import VIEWS
from changes.change.workflow import Status
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.htmx import redirect_after_write, render_partial

_HOUR = timedelta(hours=1)


@login_required
def conflicts(request: HttpRequest, reference: str) -> HttpResponse:
    """What is in its way now, with whom and since when."""
    change = _seen_by_staff(request, reference)
    context = {"change": change, "conflicts": conflicts_of(change, timezone.now())}
    title = _("In the way of %(reference)s") % {"reference": change.reference}
    return render_partial(request, "changes/change/partials/conflicts.html", context, title=title)


@login_required
def slots(request: HttpRequest, reference: str) -> HttpResponse:
    """The first free times of a length, and what blocks each earlier one."""
    change = _seen_by_staff(request, reference)
    form = LengthForm({"duration": request.GET.get("duration") or _minutes(change)})
    lasts = form.cleaned_data["duration"] if form.is_valid() else _minutes(change)
    found = slots_of(change, timedelta(minutes=lasts), timezone.now())
    context = {"change": change, "form": form, "found": found, "minutes": lasts, **_may_pick(change, actor_of(request))}
    title = _("Free times for %(reference)s") % {"reference": change.reference}
    return render_partial(request, "changes/change/partials/slots.html", context, title=title)


@login_required
@require_POST
def schedule(request: HttpRequest, reference: str) -> HttpResponse:
    """A free time was picked: it is the change's window. What was asked or authorised on the old one ends."""
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    editing.require_editable(change, actor)
    form = SlotForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(
            _("Pick one of the free times."), {name: [str(one) for one in said] for name, said in form.errors.items()}
        )
    said = form.cleaned_data
    window = {"window_start": said["start"], "window_end": said["start"] + timedelta(minutes=said["duration"])}
    # Whoever was shown what it takes away says so; the page of free times says it in its own words.
    agreed = said["agreed"] if "agreed" in request.POST else None
    editing.edit(change, actor=actor, version=said["version"], at=timezone.now(), agreed=agreed, **window)
    messages.success(request, _("%(reference)s has its time. Ask the gate about it.") % {"reference": change.reference})
    if said["back"] in VIEWS:
        day = timezone.localtime(said["start"]).date()
        return redirect_after_write(request, f"{reverse('changes:calendar_' + said['back'])}?on={day}")
    return redirect_after_write(request, change.get_absolute_url())


def _seen_by_staff(request: HttpRequest, reference: str) -> Change:
    actor = actor_permitted(request, permissions.staff, _("When changes run is for people who work here."))
    return listing.by_reference(actor, reference)


def _minutes(change: Change) -> int:
    begins, ends = change.window or (timezone.now(), timezone.now() + _HOUR)
    return max(1, min((ends - begins) // timedelta(minutes=1), LengthForm.LONGEST))


def _may_pick(change: Change, actor: Actor) -> dict[str, Any]:
    """`loses`: what was asked or authorised, which picking another time would end."""
    return {
        "may_pick": change.status in editing.EDITABLE and permissions.requesters(actor, change),
        "loses": change.status != Status.DRAFT,
    }
