"""The list of problems: what burned most of our error budgets comes first."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from incidents.problem import permissions, queries
from incidents.problem.filters import ProblemFilter
from incidents.problem.models.problems import ProblemQuerySet
from incidents.problem.workflow import OVER, STANDING, STANDS_AS_KNOWN, Status
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.paging import counts_at_most, paged

_MAX_SERVICES = 100


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[ProblemQuerySet, Actor], ProblemQuerySet]
    order: tuple[str, ...] = queries.BY_BURN


TABS = (
    Tab("standing", _("Standing"), lambda rows, actor: rows.filter(status__in=STANDING)),
    Tab("proposed", _("Proposed"), lambda rows, actor: rows.filter(status=Status.PROPOSED)),
    Tab("mine", _("Mine"), lambda rows, actor: rows.filter(status__in=STANDING, owner=actor.whose_work)),
    Tab("known", _("Known errors"), lambda rows, actor: rows.filter(status__in=STANDS_AS_KNOWN).exclude(workaround="")),
    Tab("reviews", _("Reviews due"), lambda rows, actor: queries.reviews_due(rows), queries.BY_REVIEW),
    Tab("over", _("Over"), lambda rows, actor: rows.filter(status__in=OVER), ("-id",)),
)
_COUNTED = ("standing", "proposed", "mine", "known", "reviews")


@login_required
def problems(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(request, permissions.staff, _now("Problems are for people who work here."))
    here = next((tab for tab in TABS if tab.key == request.GET.get("tab", "")), TABS[0])
    seen = queries.listed(actor)
    chosen = ProblemFilter(request.GET, queryset=seen, request=request)
    page = paged(here.choose(chosen.qs, actor), request.GET, here.order)
    total = queries.total_minutes()
    counts = counts_at_most({tab.key: tab.choose(seen, actor) for tab in TABS if tab.key in _COUNTED})
    context = {
        "filter": chosen,
        "tabs": [(tab, counts.get(tab.key, ""), tab is here) for tab in TABS],
        "tab": here.key,
        "page": page,
        "rows": queries.list_rows(page.rows, actor, total),
        "total": total,
        "as_of": queries.ranked_at(),
        "unowned": queries.unowned(total),
        "services": visible_services(actor).only("slug", "name")[:_MAX_SERVICES],
        "may_open": permissions.responders(actor),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "incidents/problem/list.html", context)
