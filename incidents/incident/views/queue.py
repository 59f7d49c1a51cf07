"""The queue: tabs by whose turn it is, what is due first; a filter bar that speaks the grammar."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.incident import permissions, queries
from incidents.incident.filters import GROUPS, SORTS, Reading, narrowed, terms_of, why_none
from incidents.incident.models import Incident
from incidents.incident.views import columns
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
SORT_NAMES = {"due": _("Due first"), "newest": _("Newest"), "updated": _("Last worked on"), "priority": _("Priority")}
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
    about: str | Promise = ""  # said on hover
    of_own_queues: bool = False  # stands under "My queues"


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
    Tab("mine", _("Mine"), _mine, terms=(_IS_OPEN, ("assigned", "me")), about=_("Open and assigned to you")),
    Tab(
        "team", _("Team"), _team, terms=(_IS_OPEN, _MY_TEAMS),
        about=_("Open in the queues that you work in"), of_own_queues=True,
    ),
    Tab(
        "unassigned", _("Unassigned"), _unassigned, terms=(_IS_OPEN, _MY_TEAMS, ("assigned", "none")),
        about=_("Open in the queues that you work in, and nobody has it"), of_own_queues=True,
    ),
    Tab(
        "breaching", _("Breaching"), _breaching, terms=(_IS_OPEN, _MY_TEAMS, ("due", "..+1h")),
        about=_("In the queues that you work in: due within the hour, or over it"), of_own_queues=True,
    ),
    Tab("all", _("All"), lambda rows, actor: rows, sort="newest", counted=False, for_requesters=True),
)  # fmt: skip


class Asked(NamedTuple):
    """What an address of the list asks for. `wrong`: why it cannot be answered; there are no rows then. `why`: why
    nothing fits, where that can be told. `kept`: the views that are tabs; `drawn`: the columns."""

    tabs: list[Tab]
    tab: Tab
    view: View | None
    pairs: list[tuple[str, str]]
    rows: Incidents
    sort: str
    wrong: str
    why: str
    kept: list[View]
    drawn: columns.Shown


def asked_for(request: HttpRequest, actor: Actor) -> Asked:
    """The query behind the page: the same for whoever looks again. Raises NotFound for a view that is not there."""
    tabs = [tab for tab in TABS if tab.for_requesters or permissions.staff(actor)]
    wanted = request.GET.get("tab") or ("all" if "view" in request.GET else "")
    here = next((tab for tab in tabs if tab.key == wanted), tabs[0])
    arranged = saved_views.arranged_by(actor, Incident.kind)
    pairs, view = terms_sent(request, _NOT_TERMS), _view(request, actor, arranged.tabs)
    drawn = columns.shown(actor, arranged.columns.get(view.pk if view else None) or (view.columns if view else ()))
    rows: Incidents = Incident.objects.none()
    wrong, sort, why = "", here.sort, ""
    try:
        sort = _sort(request.GET.get("sort") or (view.sort or "due" if view else here.sort))
        terms = terms_of([*pairs_of(view.query if view else ""), *pairs])
        reading = Reading.by(actor)
        rows = narrowed(here.choose(queries.for_list(actor, drawn.reads), actor), terms, reading)
        why = why_none(terms, reading)
    except InvalidInput as refusal:
        wrong = refusal.detail
    return Asked(tabs, here, view, pairs, rows, sort, wrong, why, arranged.tabs, drawn)


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_for(request, actor)
    pairs, view, here, sort, wrong = asked.pairs, asked.view, asked.tab, asked.sort, asked.wrong
    if view and view.layout == View.Layout.BOARD and "tab" not in request.GET and permissions.staff(actor):
        how = (("group_by", view.group_by or next(iter(GROUPS))), ("whose", "all"))
        return redirect(f"{reverse('incidents:board')}?{written([*pairs_of(view.query), *pairs, *how])}")
    page = Page([], "", "") if wrong else paged(asked.rows, request.GET, SORTS[sort])
    asked.drawn.dress(page.rows, actor)
    said = written(_saved(view, here, pairs))
    context = {
        **_tabs(asked, actor),
        **_views(actor, view, asked.kept),
        "save_as": written([("query", said), ("sort", sort)]),
        "said_in_terms": said,
        **_filter_bar(request, actor, pairs),
        "tab": here.key,
        "sort": sort,
        "fresh_url": f"{reverse('incidents:fresh')}?{request.GET.urlencode()}",
        "sorts": SORT_NAMES.items(),
        "page": page,
        "drawn": asked.drawn,
        "wrong": wrong,
        "why_none": asked.why,
        "works_here": permissions.staff(actor),
        "may_work": permissions.responders(actor),
    }
    return render(request, "incidents/incident/list.html", context, status=400 if wrong else 200)


def terms_sent(request: HttpRequest, others: Collection[str]) -> list[tuple[str, str]]:
    """The terms of an address, without its `others`; an empty box of the filter bar is no term."""
    sent = ((name, value) for name, values in request.GET.lists() for value in values)
    return [(name, value) for name, value in sent if name not in others and value]


def _sort(name: str) -> str:
    if name not in SORTS:
        raise refused("sort", gettext("There is no such order."))
    return name


def _tabs(asked: Asked, actor: Actor) -> dict[str, Any]:
    """The tabs and kept views with how many wait behind each, whatever the filter says, and how many it leaves: one
    statement."""
    seen = Incident.objects.visible_to(actor)
    lists = {tab.key: tab.choose(seen, actor) for tab in asked.tabs if tab.counted}
    lists |= {f"view {view.pk}": rows for view in asked.kept if (rows := rows_of(view, actor)) is not None}
    if (asked.pairs or asked.view) and not asked.wrong:
        lists["shown"] = asked.rows
    counts = counts_at_most(lists, _MOST_COUNTED)
    if actor.memo is not None and "mine" in counts:
        actor.memo[_MINE] = counts["mine"].number  # the navigation says it too
    none: Counted | str = ""
    shown = [(tab, counts.get(tab.key, none), tab is asked.tab) for tab in asked.tabs]
    kept = [(view, counts.get(f"view {view.pk}", none)) for view in asked.kept]
    return {"tabs": shown, "kept_views": kept, "shown": counts.get("shown"), "among": counts.get(asked.tab.key, none)}


def rows_of(view: View, actor: Actor) -> Incidents | None:
    """To be counted: what a view shows this reader, in one statement; None where it says nothing usable any more."""
    try:
        reading = replace(Reading.by(actor), counts=True)
        return narrowed(Incident.objects.visible_to(actor), terms_of(pairs_of(view.query)), reading)
    except InvalidInput:
        return None


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
    }


def _view(request: HttpRequest, actor: Actor, kept: list[View]) -> View | None:
    """The saved view that the address names. Raises NotFound, also for one that the reader may not see."""
    slug = request.GET.get("view", "")
    if not slug:
        return None
    found = next((one for one in kept if one.slug == slug), None)
    return found or saved_views.view_named(actor, Incident.kind, slug)


def _saved(view: View | None, here: Tab, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the list shows, as terms: the open view or the tab, then what narrows it."""
    return [*pairs_of(view.query if view else ""), *(() if view else here.terms), *pairs]


def _views(actor: Actor, view: View | None, kept: list[View]) -> dict[str, Any]:
    """What may be done with views, and with the one that is open."""
    return {
        "view": view,
        "is_kept": view in kept,
        "may_save_view": permissions.contributors(actor),
        "may_arrange": saved_views.pinners(actor),
        "may_keep_view": view is not None and saved_views.keepers(actor, view),
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
