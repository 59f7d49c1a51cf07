"""One line of the list, changed in place by a key: the line comes back, or the sentence that says why not."""

from urllib.parse import parse_qs

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import operations, permissions, queries
from incidents.incident.forms.record import EditForm
from incidents.incident.models import Incident
from incidents.incident.views import columns
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.notifications.web_addresses import parts_of
from itsm.ui.htmx import plain_sentence
from itsm.work import saved_views

_GONE = 204  # it was done, and the record is in a queue now that one does not see


@login_required
@require_POST
def row(request: HttpRequest, reference: str) -> HttpResponse:
    """Edit the fields that were sent, as the record's page does."""
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    form = EditForm(actor, request.POST)
    if not permissions.responders(actor):
        raise NotPermitted(_("%(actor_name)s may not edit incidents.") % {"actor_name": actor.name})
    if not form.is_valid():
        wrong = [sentence for sentences in form.errors.values() for sentence in sentences]
        return plain_sentence(" ".join(map(str, wrong)), 422)
    try:
        kept = operations.edit(incident, actor=actor, **form.sent())
    except DomainError as refusal:
        return plain_sentence(refusal.detail, refusal.status)
    if kept.awaits is not None:
        said = _("A second person must confirm this first: %(name)s.") % {"name": kept.awaits.reference}
        return plain_sentence(said, 202)
    return as_it_stands(request, incident, actor)


def as_it_stands(request: HttpRequest, incident: Incident, actor: Actor) -> HttpResponse:
    """The line as the list draws it now; 204 where the actor sees the record no longer."""
    drawn = _columns(request, actor)
    fresh = queries.for_list(actor, drawn.reads).filter(pk=incident.pk).first()
    if fresh is None:
        return HttpResponse(status=_GONE)
    drawn.dress([fresh], actor)
    return HttpResponse(fresh.line)  # type: ignore[attr-defined]


def _columns(request: HttpRequest, actor: Actor) -> columns.Shown:
    """Those of the list that the row stands in, which is where the browser says that it comes from."""
    came_from = parse_qs(parts_of(request.headers.get("Referer", "")).query)
    slug = came_from.get("view", [""])[0]
    arranged = saved_views.arranged_by(actor, Incident.kind)
    view = saved_views.visible_views(actor).filter(record_kind=Incident.kind, slug=slug[:63]).first() if slug else None
    own = arranged.columns.get(view.pk if view else None)
    return columns.shown(actor, own or (view.columns if view else ()))
