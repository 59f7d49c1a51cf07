"""The queue: tabs by whose turn it is, the most pressing first."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from incidents.incident import permissions, queries
from incidents.incident.filters import IncidentFilter
from incidents.incident.models import Incident
from incidents.incident.workflow import OPEN
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.paging import at_most, paged

Incidents = QuerySet[Incident]
_PRESSING_FIRST = ("next_due", "priority", "id")
_NEWEST_FIRST = ("-id",)


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[Incidents, Actor], Incidents]
    order: tuple[str, ...] = _PRESSING_FIRST
    counted: bool = True
    for_requesters: bool = False


TABS = (
    Tab("open", _("Open"), lambda rows, actor: rows.filter(status__in=OPEN), for_requesters=True),
    Tab("mine", _("Mine"), lambda rows, actor: rows.filter(status__in=OPEN, assigned_to=actor.id)),
    Tab("team", _("Team"), lambda rows, actor: rows.filter(status__in=OPEN, service__team__in=actor.teams)),
    Tab("unassigned", _("Unassigned"), lambda rows, actor: rows.filter(status__in=OPEN, assigned_to=None)),
    Tab("all", _("All"), lambda rows, actor: rows, order=_NEWEST_FIRST, counted=False, for_requesters=True),
)


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    tabs = [tab for tab in TABS if tab.for_requesters or permissions.staff(actor)]
    here = next((tab for tab in tabs if tab.key == request.GET.get("tab")), tabs[0])
    chosen = IncidentFilter(request.GET, queryset=queries.in_rows(actor), request=request)
    context = {
        "filter": chosen,
        "tabs": [_shown(tab, here, actor) for tab in tabs],
        "tab": here.key,
        "page": paged(here.choose(chosen.qs, actor), request.GET, here.order),
        "services": visible_services(actor).only("slug", "name")[:300],
        "works_here": permissions.staff(actor),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "incidents/incident/list.html", context)


def _shown(tab: Tab, here: Tab, actor: Actor) -> dict[str, Any]:
    """A tab with how many wait behind it, whatever the filter says."""
    count = at_most(tab.choose(Incident.objects.visible_to(actor), actor), 99) if tab.counted else ""
    return {"key": tab.key, "label": tab.label, "count": count, "current": tab is here}


def mine_count(actor: Actor) -> int:
    """For the navigation: what is assigned to this person and still open."""
    mine = Incident.objects.visible_to(actor).filter(status__in=OPEN, assigned_to=actor.id)
    return len(mine.order_by().values_list("pk")[:100])
