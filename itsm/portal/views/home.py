"""One question first; then what waits for the one who looks, what they asked for, and how things stand."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from catalog.knowledge.queries.shown import excerpt_of
from itsm.accounts.actors import actor_of
from itsm.approvals.counting import waiting_count
from itsm.kernel.actors import Actor
from itsm.portal import permissions
from itsm.portal.queries import mine as own
from itsm.portal.queries import shared
from itsm.portal.queries import status as standing
from itsm.portal.queries.suggesting import Suggestions, offers, suggest

_TABS: tuple[tuple[str, Any], ...] = (
    ("open", gettext_lazy("Open")),
    ("over", gettext_lazy("Over")),
    ("followed", gettext_lazy("Shared with me")),
)

_TEAM: tuple[str, Any] = ("team", gettext_lazy("My team"))


@login_required
def home(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    underway = own.underway(actor, now)
    context = {
        "status": standing.status(actor, now, only_troubles=True), "waiting": own.waiting(actor, now), "now": now,
        "offers": offers(actor), "decides": waiting_count(actor), "underway": underway[: own.SHOWN],
        "has_more": len(underway) > own.SHOWN, "may_ask": permissions.participants(actor),
        "may_announce": permissions.announcers(actor),
    }  # fmt: skip
    return render(request, "portal/home.html", context)


@login_required
@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """What answers the words while they are typed: a part. Sent as a form, so that no address holds them."""
    question = request.POST.get("q", "")
    text = question or request.POST.get("title", "")
    context = {**suggestions(actor_of(request), text), "typed": bool(question.strip())}
    return render(request, "portal/partials/suggested.html", context)


def suggestions(actor: Actor, text: str) -> dict[str, Any]:
    """The context of the part that shows them."""
    found = suggest(actor, text, timezone.now())
    return {
        "found": found, "items": found.items, "answers": [(one, excerpt_of(one)) for one in found.articles],
        "instead": _instead(found),
    }  # fmt: skip


def _instead(found: Suggestions) -> list[str]:
    said = _("“%(word)s”: looked for %(others)s.")
    return [said % {"word": word, "others": ", ".join(others)} for word, others in found.instead.items()]


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """All that somebody asked for, and what others shared with them; `?before=` an instant: what is older."""
    actor, now = actor_of(request), timezone.now()
    tab = request.GET.get("tab", "open")
    tabs = (*_TABS, _TEAM) if shared.sees_some(actor) else _TABS
    tab = tab if tab in dict(tabs) else "open"
    before = _instant(request.GET.get("before", ""))
    is_team = tab == _TEAM[0]
    page = own.Page(shared.of_others(actor, now), None) if is_team else own.listed(actor, tab, now, before)
    context = {
        "tabs": tabs, "tab": tab, "page": page, "is_later": before is not None,
        "shared_with": shared.shares_with(actor) if is_team else [], "may_ask": permissions.participants(actor),
    }  # fmt: skip
    return render(request, "portal/mine.html", context)


def _instant(text: str) -> datetime | None:
    """None for what is no instant: then the list begins at its beginning."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


@login_required
def status(request: HttpRequest) -> HttpResponse:
    """How every service stands that they may see, and what is announced."""
    now = timezone.now()
    context = {"status": standing.status(actor_of(request), now), "now": now}
    return render(request, "portal/status.html", context)
