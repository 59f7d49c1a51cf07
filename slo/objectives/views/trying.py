"""Trying what a form says it would measure, before anything is kept."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.notifications.outgoing import OutgoingRefused
from slo.measuring.adapters.prometheus import Server
from slo.measuring.adapters.uptime import HttpCheck, TcpCheck
from slo.measuring.models import Indicator, UptimeCheck
from slo.measuring.queries.listing import sources
from slo.measuring.queries.servers import server_of
from slo.measuring.queries.trying import Tried, refusal_of, tried_check, tried_queries
from slo.measuring.vocabulary import QUERIES
from slo.objectives import permissions
from slo.objectives.forms.terms import ObjectiveForm

_USUAL_DAYS = 28


@login_required
@require_POST
def try_queries(request: HttpRequest) -> HttpResponse:
    """The part of the form that says what its queries, or its check, give now. Nothing is kept."""
    actor = actor_permitted(
        request, permissions.authors, _("%(actor_name)s may not set objectives; engineers and owners may.")
    )
    form = ObjectiveForm(request.POST, sources=sources(actor))
    form.is_valid()
    context = {"tried": tried_of(form, timezone.now())}
    return render(request, "slo/objectives/partials/tried_queries.html", context)


def tried_of(form: ObjectiveForm, at: datetime) -> list[Tried] | None:
    """None where the form says nothing yet that could be tried. It was validated, successfully or not."""
    said = form.cleaned_data
    if said.get("source") == Indicator.Source.UPTIME:
        check = _check(said)
        return None if check is None else [tried_check(check)]
    if said.get("source") != Indicator.Source.PROMETHEUS:
        return None
    typed = {str(form.fields[name].label): said[name] for name in QUERIES if said.get(name)}
    source = said.get("data_source")
    if not typed or not (source or said.get("server_url")):
        return None
    try:
        server = server_of(source) if source else Server(said["server_url"])
    except OutgoingRefused as error:
        return [Tried(label, query, str(error)) for label, query in typed.items()]
    days = said.get("window_days") or _USUAL_DAYS
    lag = source.lag_minutes if source else 0
    return tried_queries(server, typed, at, window_days=days, counter=bool(said.get("counter")), lag=lag)


def _check(said: dict[str, Any]) -> HttpCheck | TcpCheck | None:
    timeout = float(said.get("timeout_seconds") or 10)
    if said.get("way") == UptimeCheck.Way.TCP:
        return TcpCheck(said["host"], said["port"], timeout) if said.get("host") and said.get("port") else None
    if not said.get("url"):
        return None
    return HttpCheck(
        said["url"],
        "HEAD" if said.get("http_method") == UptimeCheck.Method.HEAD else "GET",
        said.get("expected_status") or "200-299",
        said.get("must_contain") or "",
        said.get("most_ms") or 0,
        timeout,
        authority=said.get("authority") or "",
    )


def refusal_of_typed(said: dict[str, Any]) -> str:
    """Why nothing will be asked of the address that a form names, with the way to allow it; "" where it may be."""
    if said.get("source") == Indicator.Source.PROMETHEUS:
        address = said["data_source"].url if said.get("data_source") else said.get("server_url") or ""
    elif said.get("source") == Indicator.Source.UPTIME and said.get("way") == UptimeCheck.Way.TCP:
        address = f"http://{said.get('host')}:{said.get('port')}"
    else:
        address = said.get("url") or "" if said.get("source") == Indicator.Source.UPTIME else ""
    return refusal_of(address) if address else ""
