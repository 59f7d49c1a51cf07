"""The list of postmortems, and that of their actions."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from incidents.postmortem import permissions, queries
from incidents.postmortem.filters import ActionFilter, PostmortemFilter
from incidents.postmortem.workflow import Status
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.paging import counts_at_most, paged


class Tab(NamedTuple):
    """`choose` narrows the rows that an actor sees, at an instant."""

    key: str
    label: str | Promise
    choose: Callable[[Any, Actor], "QuerySet[Any]"]
    order: tuple[str, ...] = ("-id",)


TABS = (
    Tab("write", _("To write"), lambda rows, actor: rows.filter(status=Status.DRAFT)),
    Tab("review", _("In review"), lambda rows, actor: rows.filter(status=Status.REVIEW)),
    Tab("overdue", _("Overdue"), lambda rows, actor: queries.overdue(rows, timezone.now())),
    Tab("published", _("Published"), lambda rows, actor: rows.filter(published__gt=0)),
    Tab("waived", _("Waived"), lambda rows, actor: rows.filter(status=Status.WAIVED)),
)
ACTION_TABS = (
    Tab("overdue", _("Overdue"), lambda rows, actor: rows.overdue(timezone.now()), ("due_at", "id")),
    Tab("mine", _("Mine"), lambda rows, actor: rows.filter(done_at=None, owner=actor.whose_work), ("due_at", "id")),
    Tab("open", _("Open"), lambda rows, actor: rows.filter(done_at=None), ("due_at", "id")),
    Tab("done", _("Done"), lambda rows, actor: rows.filter(done_at__isnull=False), ("-done_at", "-id")),
)


@login_required
def postmortems(request: HttpRequest) -> HttpResponse:
    actor = _staff(request)
    here = _tab(request, TABS)
    seen = queries.listed(actor)
    chosen = PostmortemFilter(request.GET, queryset=seen, request=request)
    context = {
        "filter": chosen,
        "tabs": _tabs(TABS, seen, actor, here, ("write", "review", "overdue")),
        "tab": here.key,
        "page": paged(here.choose(chosen.qs, actor), request.GET, here.order),
        "may_write": permissions.responders(actor),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "now": timezone.now(),
    }
    return render(request, "incidents/postmortem/list.html", context)


@login_required
def actions(request: HttpRequest) -> HttpResponse:
    """Actions of all postmortems, and who has how many overdue."""
    actor = _staff(request)
    here = _tab(request, ACTION_TABS)
    seen = queries.actions_seen(actor)
    chosen = ActionFilter(request.GET, queryset=seen, request=request)
    page = paged(here.choose(chosen.qs, actor), request.GET, here.order)
    links = queries.links_of(page.rows, actor)
    context = {
        "tabs": _tabs(ACTION_TABS, seen, actor, here, ("overdue", "mine", "open")),
        "tab": here.key,
        "page": page,
        "rows": [(one, links.get(one.pk), one.is_overdue(timezone.now())) for one in page.rows],
        "owners": queries.by_owner(actor, timezone.now()),
        "owner": request.GET.get("owner", ""),
    }
    return render(request, "incidents/postmortem/actions.html", context)


def _staff(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _now("Postmortems are for people who work here."))


def _tab(request: HttpRequest, tabs: tuple[Tab, ...]) -> Tab:
    return next((tab for tab in tabs if tab.key == request.GET.get("tab", "")), tabs[0])


def _tabs(tabs: tuple[Tab, ...], seen: Any, actor: Actor, here: Tab, counted: tuple[str, ...]) -> list[Any]:
    counts = counts_at_most({tab.key: tab.choose(seen, actor).order_by() for tab in tabs if tab.key in counted})
    return [(tab, counts.get(tab.key, ""), tab is here) for tab in tabs]
