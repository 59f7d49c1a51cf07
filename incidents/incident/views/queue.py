"""The queue: tabs by whose turn it is, what is due first; a filter bar that speaks the grammar."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from incidents.incident import permissions, queries
from incidents.incident.filters import SORTS, Reading, narrowed, terms_of
from incidents.incident.forms import assignable
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import OPEN, Status
from itsm.accounts.actors import actor_of
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.paging import Counted, Page, counts_at_most, paged
from itsm.work import saved_views
from itsm.work.grammar import pairs_of, refused, written
from itsm.work.models import View

Incidents = QuerySet[Incident]
_SORT_NAMES = {"due": _("Due first"), "newest": _("Newest"), "updated": _("Last worked on"), "priority": _("Priority")}
STATES = [("open", _("Open")), *Status.choices]
_NOT_TERMS = {"tab", "sort", "after", "before", "view"}
_MOST_COUNTED = 99
_MINE = ("incidents", "mine")


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[Incidents, Actor], Incidents]
    sort: str = "due"
    counted: bool = True
    for_requesters: bool = False
    terms: tuple[tuple[str, str], ...] = ()  # the same in words of the grammar


_IS_OPEN = ("state", "open")
_MY_TEAMS = ("team", "my-teams")


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
    Tab("open", _("Open"), lambda rows, actor: rows.filter(status__in=OPEN), for_requesters=True, terms=(_IS_OPEN,)),
    Tab("mine", _("Mine"), _mine, terms=(_IS_OPEN, ("assigned", "me"))),
    Tab("team", _("Team"), _team, terms=(_IS_OPEN, _MY_TEAMS)),
    Tab("unassigned", _("Unassigned"), _unassigned, terms=(_IS_OPEN, _MY_TEAMS, ("assigned", "none"))),
    Tab("breaching", _("Breaching"), _breaching, terms=(_IS_OPEN, _MY_TEAMS, ("due", "..+1h"))),
    Tab("all", _("All"), lambda rows, actor: rows, sort="newest", counted=False, for_requesters=True),
)


class Asked(NamedTuple):
    """What an address of the list asks for. `wrong`: why it cannot be answered; there are no rows then."""

    tabs: list[Tab]
    tab: Tab
    view: View | None
    pairs: list[tuple[str, str]]
    rows: Incidents
    sort: str
    wrong: str


def asked_for(request: HttpRequest, actor: Actor) -> Asked:
    """The query behind the page: the same for whoever looks again. Raises NotFound for a view that is not there."""
    tabs = [tab for tab in TABS if tab.for_requesters or permissions.staff(actor)]
    wanted = request.GET.get("tab") or ("all" if "view" in request.GET else "")
    here = next((tab for tab in tabs if tab.key == wanted), tabs[0])
    pairs, view = _pairs(request), _view(request, actor)
    rows: Incidents = Incident.objects.none()
    wrong, sort = "", here.sort
    try:
        sort = _sort(request.GET.get("sort") or (view.sort or "due" if view else here.sort))
        terms = terms_of([*pairs_of(view.query if view else ""), *pairs])
        rows = narrowed(here.choose(queries.for_list(actor), actor), terms, Reading.by(actor))
    except InvalidInput as refusal:
        wrong = refusal.detail
    return Asked(tabs, here, view, pairs, rows, sort, wrong)


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_for(request, actor)
    pairs, view, here, sort, wrong = asked.pairs, asked.view, asked.tab, asked.sort, asked.wrong
    rows, tabs = asked.rows, asked.tabs
    page = Page([], "", "") if wrong else paged(rows, request.GET, SORTS[sort])
    context = {
        **_tabs(tabs, here, actor, rows if (pairs or view) and not wrong else None),
        **_views(actor, view),
        "save_as": written([("query", written(_saved(view, here, pairs))), ("sort", sort)]),
        **_filter_bar(request, actor, pairs),
        "tab": here.key,
        "sort": sort,
        "fresh_url": f"{reverse('incidents:fresh')}?{request.GET.urlencode()}",
        "sorts": _SORT_NAMES.items(),
        "page": page,
        "people": assignable()[:200] if permissions.responders(actor) else [],
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
    if actor.memo is not None and "mine" in counts:
        actor.memo[_MINE] = counts["mine"].number  # the navigation says it too
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
        "priorities": Priority.choices,
        "states": STATES,
        "services": visible_services(actor).only("slug", "name")[:300],
    }


def _view(request: HttpRequest, actor: Actor) -> View | None:
    """The saved view that the address names. Raises NotFound, also for one that the reader may not see."""
    slug = request.GET.get("view", "")
    return saved_views.view_named(actor, Incident.kind, slug) if slug else None


def _saved(view: View | None, here: Tab, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the list shows, as terms: the open view or the tab, then what narrows it."""
    return [*pairs_of(view.query if view else ""), *(() if view else here.terms), *pairs]


def _views(actor: Actor, view: View | None) -> dict[str, Any]:
    """The views that are tabs of this person, and what may be done with the one that is open."""
    kept = saved_views.tabs_of(actor, Incident.kind) if permissions.staff(actor) else []
    return {
        "view": view,
        "kept_views": kept,
        "is_kept": view in kept,
        "may_save_view": saved_views.makers(actor),
        "may_keep_view": view is not None and saved_views.keepers(actor, view),
        "shares": [choice for choice in View.Share.choices if choice[0] != View.Share.TEAM or actor.teams],
    }


def _without(request: HttpRequest, name: str) -> str:
    """This list's address without a term."""
    kept = request.GET.copy()
    for gone in (name, "after", "before"):
        kept.pop(gone, None)
    return f"?{kept.urlencode()}"


def mine_count(actor: Actor) -> int:
    """For the navigation: what is assigned to this person and still open."""
    if actor.memo is not None and _MINE in actor.memo:
        return int(actor.memo[_MINE])
    return _mine(Incident.objects.visible_to(actor), actor)[:100].count()
