"""The fleet of budgets, worst first."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.kernel.errors import NotPermitted
from itsm.ui.paging import paged
from slo import policies, queries
from slo.filters import ObjectiveFilter
from slo.models import Objective
from slo.queries import pages

_WORST_FIRST = ("urgency", "headroom", "pk")
_LINES = 30  # each with a bar and a sparkline


@login_required
def objectives(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not policies.readers(actor):
        raise NotPermitted(_("Objectives are for people who work here; the services page shows how services are."))
    chosen = ObjectiveFilter(request.GET, queryset=Objective.objects.visible_to(actor), request=request)
    filtered = any(request.GET.get(name) for name in chosen.filters)
    budgets = queries.fleet(actor)
    budgets = budgets.filter(objective__in=chosen.qs) if filtered else budgets
    page = paged(budgets, request.GET, _WORST_FIRST, size=_LINES)
    context = {
        "filter": chosen,
        "page": page,
        "lines": pages.lines(page.rows, timezone.now()),
        "may_set": policies.authors(actor),
        "is_filtered": filtered,
    }
    return render(request, "slo/list.html", context)
