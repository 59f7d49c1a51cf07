"""One line of the list, changed in place by a key: the line comes back, or the sentence that says why not."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import operations, permissions, queries
from incidents.incident.forms import EditForm
from itsm.accounts.actors import actor_of
from itsm.kernel.errors import DomainError, NotPermitted

_GONE = 204  # it was done, and the record is in a queue now that one does not see


@login_required
@require_POST
def row(request: HttpRequest, reference: str) -> HttpResponse:
    """Edit the fields that were sent, as the record's page does."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    form = EditForm(request.POST)
    if not permissions.responders(actor):
        raise NotPermitted(_("%(actor_name)s may not edit incidents.") % {"actor_name": actor.name})
    if not form.is_valid():
        wrong = [sentence for sentences in form.errors.values() for sentence in sentences]
        return _sentence(" ".join(map(str, wrong)), 422)
    try:
        kept = operations.edit(incident, actor=actor, **form.sent())
    except DomainError as refusal:
        return _sentence(refusal.detail, refusal.status)
    if kept.awaits is not None:
        return _sentence(_("A second person must confirm this first: %(name)s.") % {"name": kept.awaits.reference}, 202)
    fresh = queries.for_list(actor).filter(pk=incident.pk).first()
    if fresh is None:
        return HttpResponse(status=_GONE)
    context = {"incident": fresh, "soon": queries.soon(), "may_work": True}
    return render(request, "incidents/incident/partials/row.html", context)


def _sentence(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
