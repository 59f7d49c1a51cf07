"""Impact as people see it: a graph and the same as a table, up and down; what a service runs on."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.cmdb import operations, permissions
from catalog.cmdb.filters import asked_of_impact
from catalog.cmdb.queries.impact import Felt, Impact, impact, with_ways
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.queries.picture import MOST_DRAWN, picture
from catalog.cmdb.views.reading import reader
from catalog.engine.graph import State
from catalog.engine.impact import MAX_DEPTH
from catalog.services.queries import visible_services
from catalog.services.queries.graph import snapshot
from itsm.kernel.errors import InvalidInput
from itsm.kernel.references import reference as reference_of
from itsm.ui.htmx import render_partial

_ROWS = 100
_RUNS_ON_SHOWN = 8
_TONES = {"down": "red", "degraded": "amber"}


@login_required
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """The graph, where it is asked for, and the table."""
    actor = reader(request)
    found, asked = by_reference(actor, reference), asked_of_impact(request.GET)
    felt, first = impact(found, actor, **asked), _first(request)
    rows = felt.named(felt.found[first : first + _ROWS])
    context = {
        "item": found,
        "felt": felt,
        "asked": asked,
        "rows": with_ways(rows, actor),
        "more_from": first + _ROWS if first + _ROWS < len(felt.found) else None,
        "first": first,
        "depths": range(1, MAX_DEPTH + 1),
        "as_graph": request.GET.get("view", "graph") != "table",
        "by_class": len(felt.found) > MOST_DRAWN,
        "most_drawn": MOST_DRAWN,
        "query": _query(asked),
        "may_ask": permissions.item_authors(actor),  # the same people ask the gate
    }
    return render(request, "catalog/cmdb/impact.html", context)


def _first(request: HttpRequest) -> int:
    said = request.GET.get("from", "0")
    if not (said.isascii() and said.isdigit() and len(said) <= 6):
        raise InvalidInput.about("from", gettext("Send the number of a row."))
    return int(said)


def _query(asked: dict[str, Any]) -> str:
    current = "&context=current" if asked["current"] else ""
    return f"direction={asked['direction']}&depth={asked['depth']}{current}"


@login_required
def graph(request: HttpRequest, reference: str) -> JsonResponse:
    """The picture as its script takes it."""
    actor = reader(request)
    found = by_reference(actor, reference)
    drawn = picture(found, impact(found, actor, **asked_of_impact(request.GET)), actor)
    nodes = [
        {
            "id": one.key,
            "label": one.label,
            "tone": _TONES.get(one.state, ""),
            "url": reverse("cis:detail", args=[one.reference]) if one.reference else "",
            "here": one.round == 0,
            "place": drawn.places[one.key],
        }
        for one in drawn.nodes
    ]
    edges = [{"from": one.provider, "to": one.consumer, "group": one.how} for one in drawn.edges]
    return JsonResponse({"nodes": nodes, "edges": edges})


@login_required
@require_POST
def layout(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep where nodes were moved to, or forget it all."""
    actor = reader(request)
    found = by_reference(actor, reference)
    try:
        positions = json.loads(request.POST.get("positions", "{}"))
    except (ValueError, RecursionError):
        positions = None
    if not isinstance(positions, dict):
        raise InvalidInput.about("positions", gettext("Send positions as an object of JSON."))
    operations.keep_layout(found, actor=actor, positions=positions)
    return HttpResponse(status=204)


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """What a service runs on, and what stands on it: a part of its page."""
    actor = reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    item = by_reference(actor, reference_of("CI", service.pk))
    rests_on, above = (impact(item, actor, direction=way) for way in ("down", "up"))
    below = _of_items(rests_on)
    context = {
        "service": service,
        "item": item,
        "below": with_ways(rests_on.named(below[:_RUNS_ON_SHOWN]), actor),
        "more_below": max(0, len(below) - _RUNS_ON_SHOWN),
        "alone": sum(one.state == State.DOWN for one in below),
        "above": len(_of_items(above)),
    }
    title = gettext("What %(service)s runs on") % {"service": service}
    return render_partial(request, "catalog/cmdb/partials/for_service.html", context, title=title, back=service)


def _of_items(found: Impact) -> list[Felt]:
    """Without services: these are told of beside."""
    services = snapshot().services
    return [one for one in found.found if one.item not in services]
