"""Pages of what came in: the stream of alerts, one alert, parked bodies, quiets, and the part of an incident's page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.alerts_in import permissions
from incidents.alerts_in.models import Quiet
from incidents.alerts_in.operations import parking, quiets
from incidents.alerts_in.operations.bodies import body_of
from incidents.alerts_in.queries import shown, stream
from incidents.alerts_in.vocabulary import IntakeStatus
from incidents.incident import queries as incidents
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import redirect_after_write, render_partial, word_posted
from itsm.ui.paging import paged

_TABS = ("now", "quieted", "all")


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Alerts are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.keepers, _("Change managers and administrators keep sources of alerts.")
    )


def _tabs(actor: Actor) -> dict[str, Any]:
    """What the tabs of alerts say."""
    return {"counts": shown.counts(actor), "may_keep": permissions.keepers(actor)}


@login_required
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """What fires now, what is kept quiet, and all of it, newest first."""
    actor = _reader(request)
    asked = request.GET.get("tab", "")
    tab = asked if asked in _TABS else "now"
    rows = shown.of_tab(stream.alerts(actor), tab)
    if service := request.GET.get("service", "")[:63]:
        rows = rows.filter(service__slug=service)
    page = paged(rows, request.GET)
    found = list(page.rows)
    seen = stream.incidents_seen(actor, found)
    context = {
        "tab": tab, "page": page, "is_first": not request.GET.get("page"),
        "rows": [(one, seen.get(one.incident_id or 0)) for one in found], "service": service,
        **_tabs(actor),
        "has_sources": stream.sources(actor).exists(),
    }  # fmt: skip
    return render(request, "incidents/alerts_in/list.html", context)


@login_required
@require_safe
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One firing: what it says, where it went and why."""
    actor = _reader(request)
    found = get_object_or_404(stream.alerts(actor), pk=pk)
    others = stream.alerts(actor).filter(source=found.source, fingerprint=found.fingerprint).exclude(pk=pk)
    context = {
        "alert": found, "others": list(others.order_by("-started_at")[:20]),
        "incident": stream.incidents_seen(actor, [found]).get(found.incident_id or 0),
    }  # fmt: skip
    return render(request, "incidents/alerts_in/alert.html", context)


@login_required
@require_safe
def parked(request: HttpRequest) -> HttpResponse:
    """Bodies that could not be read, with the reason."""
    page = paged(stream.parked(_keeper(request)), request.GET)
    context = {"page": page, "counts": shown.counts(actor_of(request))}
    return render(request, "incidents/alerts_in/parked.html", context)


@login_required
@require_safe
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """One body as it came."""
    found = get_object_or_404(stream.intakes(_keeper(request)), pk=pk)
    text = body_of(found).decode("utf-8", "replace").replace("\x00", "")[:100_000]
    context = {"intake": found, "text": text, "is_parked": found.status == IntakeStatus.PARKED}
    return render(request, "incidents/alerts_in/body.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a parked body again, or discard it."""
    actor = _keeper(request)
    found = get_object_or_404(stream.intakes(actor), pk=pk)
    if word_posted(request, "how", "retry", "discard") == "retry":
        again = parking.retry(found, actor=actor)
        if again.status == IntakeStatus.PARKED:
            messages.warning(request, _("It still cannot be read: %(why)s") % {"why": again.reason})
        else:
            messages.success(request, _("It is applied."))
    else:
        parking.discard(found, actor=actor)
    return redirect_after_write(request, reverse("alerts:parked"))


@login_required
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """What changes keep quiet, the newest first."""
    actor = _reader(request)
    page = paged(stream.quiets(actor), request.GET)
    rows = [(one, shown.services_of(one)) for one in page]
    context = {"page": page, "rows": rows, "may_lift": permissions.responders(actor), **_tabs(actor)}
    return render(request, "incidents/alerts_in/quiets.html", context)


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a quiet now."""
    actor = _reader(request)
    quiets.lift(get_object_or_404(Quiet, pk=pk), actor=actor)
    messages.success(request, _("It is over: what fires still opens its incident."))
    return redirect_after_write(request, reverse("alerts:quiets"))


@login_required
@require_safe
def of_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the incident's page: the alerts that are in it."""
    actor = actor_of(request)
    incident = incidents.by_reference(actor, reference)
    rows: list[Any] = list(stream.of_incident(incident)[:50]) if permissions.readers(actor) else []
    count = stream.of_incident(incident).count() if len(rows) == 50 else len(rows)
    context = {"incident": incident, "rows": rows, "count": count}
    title = _("Alerts of %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "incidents/alerts_in/of_incident.html", context, title=title)
