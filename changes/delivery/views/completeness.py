"""The page of completeness: how many production deployments had their authorisation, and which had none."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from changes.delivery import permissions
from changes.delivery.filters import asked
from changes.delivery.queries.completeness import Completeness, completeness
from changes.delivery.vocabulary import Standing
from incidents.reports.filters import period_typed
from itsm.accounts.actors import actor_permitted
from itsm.kernel.errors import InvalidInput


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The last 30 days unless a period is asked for."""
    actor = actor_permitted(request, permissions.readers, _("Reports are for people who work here."))
    zone, refusal, words, found = timezone.get_current_timezone(), "", None, Completeness({})
    try:
        words = asked(request.GET.dict(), timezone.now(), zone)
        found = completeness(actor, words.since, words.until, words.slug)
    except InvalidInput as error:
        refusal = error.detail
    said = request.GET
    context = {
        "refusal": refusal,
        "zone": str(zone),
        **period_typed(said, words, zone),
        "service": said.get("service", "")[:63],
        "found": found,
        "waiting": found.counts.get(Standing.WAITING, 0),
        "in_shadow": found.counts.get(Standing.SHADOW, 0),
        "late": found.counts.get(Standing.WITHDRAWN, 0),
        "keeps": permissions.keepers(actor),
    }
    return render(request, "changes/delivery/completeness.html", context, status=400 if refusal else 200)
