"""The desk, the search, the bell, and problems explained."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import staff
from itsm.home import queries
from itsm.home.continuity import continuity_warning
from itsm.notifications import quarantine
from itsm.notifications.notifying import mark_read as mark_as_read
from itsm.notifications.sight import still_seen
from itsm.search.finding import find, jump
from itsm.search.offers import names_of_kinds
from itsm.setup.facts import shown as setup_shown
from itsm.ui.explanations import explanation
from itsm.ui.paging import paged

_SUGGESTED = 8
_FOUND = 40


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not staff(actor):
        return redirect("portal:home")
    context = {
        "asks": queries.asks(actor),
        "my_incidents": queries.my_incidents(actor),
        "my_changes": queries.my_changes(actor),
        "budgets": queries.worst_budgets(actor),
        "grave": queries.grave_incidents(actor),
        "changes": queries.recent_changes(actor),
        "is_empty": not queries.has_services(),
        "setup": setup_shown(actor),
        "held_since": quarantine.since(),
        "continuity": continuity_warning(actor),
    }
    return render(request, "home/desk.html", context)


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """The page of results, or, as one types, their list. Enter on a reference goes straight there."""
    text = request.GET.get("q", "").strip()[:200]
    actor = actor_of(request)
    suggesting = bool(request.htmx)  # type: ignore[attr-defined]
    if text and not suggesting and (address := jump(actor, text)):
        return redirect(address)
    found = find(actor, text, limit=_SUGGESTED if suggesting else _FOUND)
    context = {"q": text, "found": found, "kinds": names_of_kinds()}
    return render(request, "home/partials/suggestions.html" if suggesting else "home/search.html", context)


@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    page = paged(request.user.notifications.all(), request.GET)  # type: ignore[union-attr]
    readable = replace(page, rows=still_seen(request.user, page))
    return render(request, "home/notifications.html", {"page": readable})


@login_required
@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """All of one's own notifications, or the one named; then to what it is about."""
    one = request.POST.get("notification", "")
    mark_as_read(request.user, notification_id=int(one) if one.isdecimal() and len(one) < 19 else None)
    return redirect("home:notifications")


def explain_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's `type` means."""
    found = explanation(code)
    if found is None:
        raise Http404
    return render(request, "home/problem.html", {"code": code, "problem": found})
