"""The list of requests: for who fulfils what is due first, for everybody else what is theirs."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.requests import permissions, queries
from catalog.requests.filters import RequestFilter
from catalog.requests.models import RequestQuerySet
from catalog.requests.workflow import OPEN, OVER, Status
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.paging import counts_at_most, paged


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[RequestQuerySet, Actor], RequestQuerySet]
    order: tuple[str, ...] = queries.BY_DUE


DESK = (
    Tab(
        "ours", _("Our queues"), lambda rows, actor: queries.of_teams(rows.filter(status__in=OPEN), sorted(actor.teams))
    ),
    Tab(
        "mine", _("Given to me"), lambda rows, actor: queries.of_person(rows.filter(status__in=OPEN), actor.whose_work)
    ),
    Tab("approving", _("Wait for approval"), lambda rows, actor: rows.filter(status=Status.APPROVING), queries.NEWEST),
    Tab("open", _("All open"), lambda rows, actor: rows.filter(status__in=OPEN)),
    Tab("over", _("Over"), lambda rows, actor: rows.filter(status__in=OVER), queries.NEWEST),
    Tab("asked", _("Asked by me"), lambda rows, actor: rows.of(actor.id), queries.NEWEST),
)
OWN = (
    Tab("open", _("Open"), lambda rows, actor: rows.of(actor.id).filter(status__in=OPEN), queries.NEWEST),
    Tab("over", _("Over"), lambda rows, actor: rows.of(actor.id).filter(status__in=OVER), queries.NEWEST),
)
_COUNTED = ("ours", "mine", "approving", "open")


@login_required
def requests(request: HttpRequest) -> HttpResponse:
    """The tab that was asked for, the first else."""
    actor = actor_of(request)
    works_here = permissions.staff(actor)
    tabs = DESK if works_here else OWN
    here = next((tab for tab in tabs if tab.key == request.GET.get("tab", "")), tabs[0])
    seen = queries.listed(actor)
    chosen = RequestFilter(request.GET, queryset=seen, request=request)
    page = paged(here.choose(chosen.qs, actor), request.GET, here.order)
    counts = counts_at_most({tab.key: tab.choose(seen, actor) for tab in tabs if tab.key in _COUNTED})
    context = {
        "filter": chosen,
        "tabs": [(tab, counts.get(tab.key, ""), tab is here) for tab in tabs],
        "tab": here.key,
        "page": page,
        "rows": queries.list_rows(page.rows),
        "works_here": works_here,
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "catalog/requests/list.html", context)
