"""Time worked, noted on the record's page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import operations
from incidents.incident.forms.together import TimeForm
from incidents.incident.models import Incident
from incidents.incident.views.together import TOGETHER, worked_on
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.ui.htmx import redirect_after_write
from itsm.work.models import TimeWorked
from itsm.work.time_worked import require_own, time_on


@login_required
@require_POST
def add(request: HttpRequest, reference: str) -> HttpResponse:
    """Note one's own time."""
    actor = actor_of(request)
    incident, form = worked_on(actor, reference), TimeForm(request.POST)
    return TOGETHER.done_or_told(
        request,
        incident,
        actor,
        "time_form",
        form,
        lambda: operations.add_time(incident, actor=actor, **form.cleaned_data),
        anchor="time",
    )


@login_required
@require_POST
def correct(request: HttpRequest, reference: str, entry: int) -> HttpResponse:
    """Correct one's own."""
    actor = actor_of(request)
    incident, form = worked_on(actor, reference), TimeForm(request.POST)
    found = _own(incident, entry, actor)
    return TOGETHER.done_or_told(
        request,
        incident,
        actor,
        "time_form",
        form,
        lambda: operations.correct_time(incident, found, actor=actor, **form.sent()),
        anchor="time",
    )


@login_required
@require_POST
def withdraw(request: HttpRequest, reference: str, entry: int) -> HttpResponse:
    """Take one's own back."""
    actor = actor_of(request)
    incident = worked_on(actor, reference)
    operations.withdraw_time(incident, _own(incident, entry, actor), actor=actor)
    return redirect_after_write(request, f"{incident.get_absolute_url()}#time")


def _own(incident: Incident, entry: int, actor: Actor) -> TimeWorked:
    found = time_on(incident).filter(pk=entry).first()
    if found is None:
        raise NotFound(_("There is no such entry of time here."))
    require_own(found, actor=actor)
    return found
