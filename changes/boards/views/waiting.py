"""The approver's queue: one thing after the other, worked by keys, outside a meeting."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changes.boards.forms import VoteForm
from changes.boards.queries.asks import ask_about_change
from changes.boards.queries.waiting import Waiting, waiting
from changes.boards.views.boards import reader
from changes.boards.views.voting import following, take_vote, unsent_words, vote_form
from changes.change.queries.pages import since_now
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import redirect_after_write


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for me, and the one that is looked at."""
    sent = request.GET.get("ask", "")
    return _page(request, reader(request), int(sent) if sent.isdecimal() and len(sent) < 19 else None)


@login_required
@require_POST
def answer(request: HttpRequest, ask: int) -> HttpResponse:
    """A word about one of them; then the next."""
    actor = reader(request)
    asked = ask_about_change(ask)
    refuse_unless_asked(asked.ask, actor, asked.change.reference)
    sent = take_vote(request, asked, actor)
    if sent.status is not None:
        return _page(request, actor, ask, sent.status, sent.form)
    messages.success(request, _("Your word about %(change)s is noted.") % {"change": asked.change.reference})
    onward = following(request)
    return redirect_after_write(request, reverse("changes:waiting") + (f"?ask={onward}" if onward else ""))


def _page(
    request: HttpRequest, actor: Actor, chosen: int | None, status: int = 200, form: VoteForm | None = None
) -> HttpResponse:
    items = waiting(actor, timezone.now())
    place = next((n for n, one in enumerate(items) if one.ask.pk == chosen), None)
    too_late, form = (form, None) if place is None else (None, form)  # never under another one's name
    place = place or 0
    here = items[place] if items else None
    context: dict[str, Any] = {
        "items": items,
        "here": here,
        "before": items[place - 1] if place else None,
        "too_late": too_late,
        "unsent": unsent_words(too_late) if too_late is not None else "",
        "following": items[place + 1] if place + 1 < len(items) else None,
        **(_of(here, actor, form) if here is not None else {}),
    }
    return render(request, "changes/boards/waiting.html", context, status=status)


def _of(here: Waiting, actor: Actor, form: VoteForm | None) -> dict[str, Any]:
    """What is shown of the one that is looked at; a form that comes back goes on naming the version that was read."""
    looked = since_now(here.change, timezone.now())
    seen = looked.mark if looked else ""
    form = vote_form(here.ask, here.change, actor, seen, sent=form)
    try:
        standing, why_not = refuse_unless_asked(here.ask, actor, here.change.reference), ""
    except NotPermitted as refused:
        standing, why_not = None, refused.detail
    done = not here.ask.panel_kind and here.said is not None
    return {"form": form, "since": looked, "standing": standing, "why_not": why_not, "has_answered": done}
