"""The queue: tabs by whose turn it is, what is due first; a filter bar that speaks the grammar."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from incidents.incident import permissions, queries
from incidents.incident.filters import Reading, narrowed, terms_of
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, Status
from itsm.accounts.actors import actor_of
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.paging import Counted, Page, counts_at_most, paged
from itsm.work.grammar import refused, written

Incidents = QuerySet[Incident]
SORTS = {
    "due": ("next_due", "priority", "id"),
    "newest": ("-id",),
    "updated": ("-updated_at", "-id"),
    "priority": ("priority", "id"),
}
_SORT_NAMES = {"due": _("Due first"), "newest": _("Newest"), "updated": _("Last worked on"), "priority": _("Priority")}
STATES = [("open", _("Open")), *Status.choices]
_NOT_TERMS = {"tab", "sort", "after", "before"}
_MOST_COUNTED = 99


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[Incidents, Actor], Incidents]
    sort: str = "due"
    counted: bool = True
    for_requesters: bool = False


def _mine(rows: Incidents, actor: Actor) -> Incidents:
    return rows.filter(status__in=OPEN, assigned_to=actor.id)


def _team(rows: Incidents, actor: Actor) -> Incidents:
    """What lies in the queues that the actor may change."""
    return rows.filter(status__in=OPEN, team__in=sorted(rights_in_queues(actor).change))


def _unassigned(rows: Incidents, actor: Actor) -> Incidents:
    return _team(rows, actor).filter(assigned_to=None)


def _breaching(rows: Incidents, actor: Actor) -> Incidents:
    """Due within the hour, or over it."""
    return _team(rows, actor).filter(next_due__lt=queries.soon())


TABS = (
    Tab("open", _("Open"), lambda rows, actor: rows.filter(status__in=OPEN), for_requesters=True),
    Tab("mine", _("Mine"), _mine),
    Tab("team", _("Team"), _team),
    Tab("unassigned", _("Unassigned"), _unassigned),
    Tab("breaching", _("Breaching"), _breaching),
    Tab("all", _("All"), lambda rows, actor: rows, sort="newest", counted=False, for_requesters=True),
)


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    tabs = [tab for tab in TABS if tab.for_requesters or permissions.staff(actor)]
    here = next((tab for tab in tabs if tab.key == request.GET.get("tab")), tabs[0])
    pairs = _pairs(request)
    rows, wrong, sort = Incident.objects.none(), "", here.sort
    try:
        sort = _sort(request.GET.get("sort") or here.sort)
        rows = narrowed(here.choose(queries.for_list(actor), actor), terms_of(pairs), Reading.by(actor))
    except InvalidInput as refusal:
        wrong = refusal.detail
    page = Page([], "", "") if wrong else paged(rows, request.GET, SORTS[sort])
    context = {
        **_tabs(tabs, here, actor, rows if pairs and not wrong else None),
        **_filter_bar(request, actor, pairs),
        "tab": here.key,
        "sort": sort,
        "sorts": _SORT_NAMES.items(),
        "page": page,
        "soon": queries.soon(),
        "wrong": wrong,
        "works_here": permissions.staff(actor),
        "may_work": permissions.responders(actor),
        "queues": queries.queues_for(actor).only("slug", "name")[:200] if permissions.responders(actor) else [],
    }
    return render(request, "incidents/incident/list.html", context, status=400 if wrong else 200)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """The terms of the address; an empty box of the filter bar is no term."""
    sent = ((name, value) for name, values in request.GET.lists() for value in values)
    return [(name, value) for name, value in sent if name not in _NOT_TERMS and value]


def _sort(name: str) -> str:
    if name not in SORTS:
        raise refused("sort", gettext("There is no such order."))
    return name


def _tabs(tabs: list[Tab], here: Tab, actor: Actor, narrow: Incidents | None) -> dict[str, Any]:
    """The tabs with how many wait behind each, whatever the filter says, and how many it leaves: one statement."""
    seen = Incident.objects.visible_to(actor)
    asked = {tab.key: tab.choose(seen, actor) for tab in tabs if tab.counted}
    counts = counts_at_most({**asked, **({} if narrow is None else {"shown": narrow})}, _MOST_COUNTED)
    none: Counted | str = ""
    shown = [
        {"key": tab.key, "label": tab.label, "count": counts.get(tab.key, none), "current": tab is here} for tab in tabs
    ]
    return {"tabs": shown, "shown": counts.get("shown"), "among": counts.get(here.key, none)}


def _filter_bar(request: HttpRequest, actor: Actor, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The boxes with what was sent; `more`: the terms that have no box of their own, kept as they are."""
    said = dict(pairs)
    boxes = ("text", "service", "priority", "state")
    more = [(name, value) for name, value in pairs if name not in boxes or said[name] != value]
    return {
        "said": said,
        "is_filtered": bool(pairs),
        "more": [{"name": name, "value": value, "without": _without(request, name)} for name, value in more],
        "query": written(pairs),
        "priorities": Priority.choices,
        "states": STATES,
        "services": visible_services(actor).only("slug", "name")[:300],
    }


def _without(request: HttpRequest, name: str) -> str:
    """This list's address without a term."""
    kept = request.GET.copy()
    for gone in (name, "after", "before"):
        kept.pop(gone, None)
    return f"?{kept.urlencode()}"


def mine_count(actor: Actor) -> int:
    """For the navigation: what is assigned to this person and still open."""
    mine = Incident.objects.visible_to(actor).filter(status__in=OPEN, assigned_to=actor.id)
    return len(mine.order_by().values_list("pk")[:100])
