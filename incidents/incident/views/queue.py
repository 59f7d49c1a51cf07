"""The queue: tabs by whose turn it is, what is due first; a filter bar that speaks the grammar."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from incidents.incident import permissions, queries
from incidents.incident.filters import GROUPS, SORTS, Reading, narrowed, terms_of, why_none
from incidents.incident.models import Incident
from incidents.incident.views import columns
from incidents.incident.views.tabs import MINE, MOST_COUNTED, TABS, Incidents, Tab, counted, drawn, first_page
from incidents.incident.vocabulary import Priority
from incidents.incident.workflow import Status
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.colours import plain_choices
from itsm.ui.paging import Counted, Page, counts_at_most, first_of, paged
from itsm.work import saved_views
from itsm.work.grammar import Term, pairs_of, refused, written
from itsm.work.models import View

SORT_NAMES = {"due": _("Due first"), "newest": _("Newest"), "updated": _("Last worked on"), "priority": _("Priority")}
STATES = [("open", _("Open")), *Status.choices]
_NOT_TERMS = {"tab", "sort", "after", "before", "view"}


@dataclass(frozen=True)
class Asked:
    """What an address of the list asks for. `wrong`: why it cannot be answered; there are no rows then. `why`: why
    nothing fits, where that can be told. `kept`: the views that are tabs; `drawn`: the columns."""

    actor: Actor
    tabs: list[Tab]
    tab: Tab
    view: View | None
    pairs: list[tuple[str, str]]
    terms: list[Term]
    reading: Reading
    sort: str
    wrong: str
    kept: list[View]
    drawn: columns.Shown

    @cached_property
    def rows(self) -> Incidents:
        if self.wrong:
            return Incident.objects.none()
        seen = queries.for_list(self.actor, self.drawn.reads)
        return narrowed(self.tab.choose(seen, self.actor, self.reading.now), self.terms, self.reading)

    @property
    def why(self) -> str:
        return "" if self.wrong else why_none(self.terms, self.reading)

    def page(self, params: Mapping[str, str]) -> tuple[Page, SafeString]:
        """The page that ?after= or ?before= asks for, and its lines as they are sent."""
        plain = not (self.terms or self.wrong or self.drawn.typed or "after" in params or "before" in params)
        if plain and self.reading.staff:  # who asks often, and sees the services
            first = first_page(self.tab, self.sort, self.drawn.reads, self.actor)
            page = first_of(first, SORTS[self.sort], self.reading.now)
            return page, SafeString("".join(self.drawn.lines(page.rows, first.read, self.actor)))
        page = Page([], "", "") if self.wrong else paged(self.rows, params, SORTS[self.sort])
        self.drawn.dress(page.rows, self.actor)
        return page, SafeString("".join([row.line for row in page.rows]))


def asked_for(request: HttpRequest, actor: Actor) -> Asked:
    """The query behind the page: the same for whoever looks again. Raises NotFound for a view that is not there."""
    tabs = [tab for tab in TABS if tab.for_requesters or permissions.staff(actor)]
    wanted = request.GET.get("tab") or ("all" if "view" in request.GET else "")
    here = next((tab for tab in tabs if tab.key == wanted), tabs[0])
    arranged = saved_views.arranged_by(actor, Incident.kind)
    pairs, view = terms_sent(request, _NOT_TERMS), _view(request, actor, arranged.tabs)
    drawn = columns.shown(actor, arranged.columns.get(view.pk if view else None) or (view.columns if view else ()))
    reading, terms = Reading.by(actor), list[Term]()
    wrong, sort = "", here.sort
    try:
        sort = _sort(request.GET.get("sort") or (view.sort or "due" if view else here.sort))
        terms = list(terms_of([*pairs_of(view.query if view else ""), *pairs]))
        asked = Asked(actor, tabs, here, view, pairs, terms, reading, sort, wrong, arranged.tabs, drawn)
        if terms:
            asked.rows  # noqa: B018 - refused here, where it can be said
        return asked
    except InvalidInput as refusal:
        wrong = refusal.detail
    return Asked(actor, tabs, here, view, pairs, [], reading, sort, wrong, arranged.tabs, drawn)


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_for(request, actor)
    pairs, view, here, sort, wrong = asked.pairs, asked.view, asked.tab, asked.sort, asked.wrong
    if view and view.layout == View.Layout.BOARD and "tab" not in request.GET and permissions.staff(actor):
        how = (("group_by", view.group_by or next(iter(GROUPS))), ("whose", "all"))
        return redirect(f"{reverse('incidents:board')}?{written([*pairs_of(view.query), *pairs, *how])}")
    page, lines = asked.page(request.GET)
    said = written(_saved(view, here, pairs))
    context = {
        **_tabs(asked, actor, request),
        **_views(actor, view, asked.kept),
        "save_as": written([("query", said), ("sort", sort)]),
        "said_in_terms": said,
        **_filter_bar(request, actor, pairs),
        "tab": here.key,
        "sort": sort,
        "fresh_url": f"{reverse('incidents:fresh')}?{request.GET.urlencode()}",
        **_choices(get_language()),
        "page": page,
        "lines": lines,
        "drawn": asked.drawn,
        "headings": asked.drawn.headings,
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


def _tabs(asked: Asked, actor: Actor, request: HttpRequest) -> dict[str, Any]:
    """The tabs and kept views with how many wait behind each, whatever the filter says, and how many it leaves: one
    statement."""
    lists: dict[str, Any] = {tab.key: counted(tab, actor) for tab in asked.tabs if tab.counted}
    lists |= {f"view {view.pk}": rows for view in asked.kept if (rows := rows_of(view, actor)) is not None}
    if (asked.pairs or asked.view) and not asked.wrong:
        lists["shown"] = asked.rows
    counts = counts_at_most(lists, MOST_COUNTED)
    if actor.memo is not None and "mine" in counts:
        actor.memo[MINE] = counts["mine"].number  # the navigation says it too
    none: Counted | str = ""
    shown = drawn(asked.tabs, None if asked.view else asked.tab, counts, request.GET)
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
        "said": dict.fromkeys(boxes, "") | said,
        "is_filtered": bool(pairs),
        "more": [{"name": name, "value": value, "without": _without(request, name)} for name, value in more],
    }


@cache
def _choices(_language: str | None) -> dict[str, Any]:
    """What may be chosen in the reader's language: plain, so that the bar may be kept by it."""
    return {
        "priorities": plain_choices(Priority.choices),
        "states": plain_choices(STATES),
        "sorts": plain_choices(SORT_NAMES.items()),
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
