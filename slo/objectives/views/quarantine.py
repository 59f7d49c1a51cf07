"""What becomes of a sample in quarantine."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of
from itsm.ui.htmx import redirect_after_write
from slo.measuring.forms.measurers import VersionForm
from slo.measuring.queries.measurers import quarantined
from slo.measuring.workflow import QUARANTINE


@login_required
@require_POST
def quarantine_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Count a sample in quarantine, or discard it."""
    if action not in QUARANTINE.operations:
        raise Http404
    actor = actor_of(request)
    sample = get_object_or_404(quarantined(actor), pk=pk)
    form = VersionForm(request.POST)
    form.is_valid()
    moved = QUARANTINE.take(action, sample, actor=actor, at=timezone.now(), version=form.read())
    said = {"reference": moved.reference, "state": moved.get_status_display()}
    messages.success(request, _("%(reference)s: %(state)s") % said)
    return redirect_after_write(request, reverse("slo:indicator", args=[sample.indicator.slug]))
