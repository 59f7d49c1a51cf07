"""Asking to override the gate: two names, a reason, and one of the team's few overrides."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from changes.change.forms import OverrideForm
from changes.change.models.override import PER_QUARTER
from changes.change.operations import overriding
from changes.change.queries import listing
from itsm.accounts.actors import actor_of
from itsm.approvals.views import waits
from itsm.kernel.errors import WrongState
from itsm.ui.htmx import form_errors_from, posted


@login_required
def override(request: HttpRequest, reference: str) -> HttpResponse:
    """What it takes and what follows; sent, it waits for the second person."""
    actor, now = actor_of(request), timezone.now()
    change = listing.by_reference(actor, reference)
    evaluation = change.evaluations.select_related("change__service__team").order_by("-asked_at", "-id").first()
    if evaluation is None:
        raise WrongState(_("Nobody has asked the gate about %(change)s.") % {"change": change.reference})
    left = overriding.tokens_now(evaluation, actor=actor, at=now)
    form = OverrideForm(overriding.who_may_second(change, actor), posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            asked: Any = overriding.ask_override(evaluation, actor=actor, at=now, **form.cleaned_data)
            return waits(request, asked)
        status = refused.status
    context = {"change": change, "form": form, "left": left, "most": PER_QUARTER, "evaluation": evaluation}
    return render(request, "changes/change/override.html", context, status=status)
