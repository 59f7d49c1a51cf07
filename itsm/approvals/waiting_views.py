"""One thing after the other, worked by keys: what waits for my word, whatever kind of record it is about."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itsm.accounts.actors import actor_of
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.plain_word import PLAIN
from itsm.approvals.queries import waiting_confirmations
from itsm.approvals.waiting import MOST, ask_told, kind_of, kinds, waiting
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import redirect_after_write


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for me, and the one that is looked at."""
    sent = request.GET.get("ask", "")
    return _page(request, actor_of(request), int(sent) if sent.isdecimal() and len(sent) < 19 else None)


@login_required
@require_POST
def answer(request: HttpRequest, ask: int) -> HttpResponse:
    """A word about one of them; then the next."""
    actor = actor_of(request)
    item = ask_told(actor, ask, timezone.now())
    refuse_unless_asked(item.ask, actor, item.told.reference)
    sent = (kind_of(item.ask).pages or PLAIN).take(request, item.ask, actor)
    if sent.status is not None:
        return _page(request, actor, ask, sent.status, sent.form)
    messages.success(request, _("Your word about %(record)s is noted.") % {"record": item.told.reference})
    onward = request.POST.get("following", "")
    more = f"?ask={onward}" if onward.isdecimal() else ""
    return redirect_after_write(request, reverse("waiting:queue") + more)


def _page(
    request: HttpRequest, actor: Actor, chosen: int | None, status: int = 200, form: Form | None = None
) -> HttpResponse:
    kind = request.GET.get("kind", "")
    items = waiting(actor, timezone.now(), kind=kind if kind in kinds() else "", most=MOST)
    place = next((n for n, one in enumerate(items) if one.ask.pk == chosen), None)
    too_late, form = (form, None) if place is None else (None, form)  # never under another one's name
    place = place or 0
    here = items[place] if items else None
    context: dict[str, Any] = {
        "items": items,
        "here": here,
        "before": items[place - 1] if place else None,
        "following": items[place + 1] if place + 1 < len(items) else None,
        "too_late": too_late,
        "unsent": too_late.data.get("comment", "") if too_late is not None else "",
        "confirmations": waiting_confirmations(actor),
    }
    if here is not None:
        pages = kind_of(here.ask).pages or PLAIN
        context |= {"read": pages.read, "word": pages.word, "beside": pages.beside, **pages.see(here, actor, form)}
    return render(request, "approvals/waiting.html", context, status=status)
