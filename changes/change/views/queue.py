"""The list of changes: what waits for me first."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.filters import REVIEW_DUE, ChangeFilter
from changes.change.models import Change
from changes.change.models.change import ChangeQuerySet
from changes.change.queries import listing, pages
from changes.change.queries.list_rows import list_rows
from changes.change.workflow import OVER
from itsm.accounts.actors import actor_of
from itsm.accounts.interest import accounts_of_person
from itsm.approvals import counting
from itsm.kernel.actors import Actor
from itsm.ui.paging import paged

Changes = ChangeQuerySet
_NEWEST_FIRST = ("-id",)
_PRESSING_FIRST = ("due_at", "id")
_MAX_SERVICES = 100


class Tab(NamedTuple):
    key: str
    label: str | Promise
    choose: Callable[[Changes, Actor], Changes]
    order: tuple[str, ...] = _NEWEST_FIRST


def _waiting(rows: Changes, actor: Actor) -> Changes:
    return pages.with_due(rows.filter(pk__in=listing.waiting_for_me(actor).values("pk")))


def _to_look_back_at(rows: Changes, actor: Actor) -> Changes:
    return rows.with_review_due()


TABS = (
    Tab("waiting", _("Waiting for me"), _waiting, _PRESSING_FIRST),
    Tab("open", _("Open"), lambda rows, actor: rows.exclude(status__in=OVER)),
    Tab("mine", _("Mine"), lambda rows, actor: rows.filter(requested_by__in=accounts_of_person(actor.whose_work))),
    Tab("reviews", REVIEW_DUE, _to_look_back_at, ("review_due_at", "id")),
    Tab("all", _("All"), lambda rows, actor: rows),
)


@login_required
def changes(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    waiting = waiting_count(actor)
    here = _tab(request.GET.get("tab", ""), waiting)
    chosen = ChangeFilter(request.GET, queryset=listing.listed(actor), request=request)
    page = paged(here.choose(chosen.qs, actor), request.GET, here.order)
    context = {
        "filter": chosen,
        "tabs": [{"tab": tab, "count": waiting if tab.key == "waiting" else 0, "current": tab is here} for tab in TABS],
        "tab": here.key,
        "page": page,
        "rows": list_rows(page.rows),
        "services": visible_services(actor).only("slug", "name")[:_MAX_SERVICES],
        "may_ask": permissions.askers(actor),
        "works_here": permissions.staff(actor),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
    }
    return render(request, "changes/change/list.html", context)


def _tab(key: str, waiting: int) -> Tab:
    """The tab that was asked for; else what waits for this person, and where nothing does, what is open."""
    default = TABS[0] if waiting else TABS[1]
    return next((tab for tab in TABS if tab.key == key), default)


def waiting_count(actor: Actor) -> int:
    """For the navigation too: no further than a hundred."""
    return counting.waiting_count(actor, Change.kind)
