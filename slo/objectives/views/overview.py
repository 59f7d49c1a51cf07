"""The overview of budgets, worst first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.ui.paging import paged
from slo.measuring.models import DataSource
from slo.measuring.views.readers import reader_of
from slo.objectives import permissions
from slo.objectives.filters import OverviewFilter
from slo.objectives.models import Objective
from slo.objectives.queries.overview import counts_by_state, overview, overview_rows

ORDER = ("urgency", "headroom", "pk")
_LINES = 30  # each with a bar and a sparkline
_FEWER = ("team", "environment", "method", "window", "gating", "source_failing", "retired")
_MAX_FAILING = 5


@login_required
def objectives(request: HttpRequest) -> HttpResponse:
    actor, now = reader_of(request), timezone.now()
    chosen = filtered(request, actor)
    page = paged(overview(chosen.qs, now), request.GET, ORDER, size=_LINES)
    context = {
        "filter": chosen,
        "page": page,
        "lines": overview_rows(page.rows, now),
        "counts": counts_by_state(_in_any_state(request, actor), now),
        "teams": Team.objects.order_by("name"),
        "environments": Objective.objects.visible_to(actor)
        .order_by("environment")
        .values_list("environment", flat=True)
        .distinct(),
        "failing": list(
            DataSource.objects.filter(failing_since__isnull=False).order_by("failing_since")[:_MAX_FAILING]
        ),
        "may_set": permissions.authors(actor),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "is_narrowed": any(request.GET.get(name) for name in _FEWER),
        "openslo_url": _openslo_url(),
    }
    return render(request, "slo/objectives/list.html", context)


def filtered(request: HttpRequest, actor: Actor) -> OverviewFilter:
    return OverviewFilter(request.GET, queryset=Objective.objects.visible_to(actor), request=request)


def _in_any_state(request: HttpRequest, actor: Actor) -> Any:
    """The chips count what the other filters leave, so that each says how many it would show."""
    others = request.GET.copy()
    others.pop("state", None)
    return OverviewFilter(others, queryset=Objective.objects.visible_to(actor), request=request).qs


def _openslo_url() -> str:
    try:
        return reverse("slo:openslo")
    except NoReverseMatch:
        return ""
