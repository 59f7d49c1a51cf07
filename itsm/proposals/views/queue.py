"""What waits for people, as a list that is cleared by keys; the part beside a record; how proposals fared."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.proposals import permissions, queries
from itsm.proposals.models import MOST_OF_A_RECORD, OPEN_FOR, Proposal
from itsm.ui.paging import paged

_SIZE = 30
_TABS = ("mine", "all", "decided")
_DAYS = 28


def _for_staff() -> str:
    return _("Proposals are for people who work here.")


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Those that wait for me, the oldest first; all that wait; those that are decided."""
    actor = actor_permitted(request, permissions.readers, _for_staff())
    tab = request.GET.get("tab", "mine")
    tab = tab if tab in _TABS else "mine"
    waiting = queries.visible_to(actor).filter(state=Proposal.State.WAITING)
    rows = {
        "mine": queries.waiting_for(actor),
        "all": waiting,
        "decided": queries.visible_to(actor).exclude(state=Proposal.State.WAITING),
    }[tab]
    page = paged(rows, request.GET, ("-id",) if tab == "decided" else ("id",), _SIZE)
    context: dict[str, Any] = {
        "lines": queries.told(page.rows, actor), "page": page, "tab": tab, "days": OPEN_FOR.days,
        "most": MOST_OF_A_RECORD,
    }  # fmt: skip
    return render(request, "proposals/queue.html", context)


@login_required
@require_safe
def beside(request: HttpRequest, record_kind: str, record_id: int) -> HttpResponse:
    """What waits beside a record, for its page; nothing where nothing does."""
    actor = actor_of(request)
    found = queries.visible_to(actor).filter(record_kind=record_kind, record_id=record_id, state=Proposal.State.WAITING)
    lines = queries.told(list(found.order_by("id")[:_SIZE]), actor)
    return render(request, "proposals/partials/beside.html", {"lines": lines})


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """How proposals of the last weeks fared, by kind."""
    actor_permitted(request, permissions.overseers, _for_staff())
    now = timezone.now()
    rows = queries.how_they_fared(since=now - timedelta(days=_DAYS), until=now)
    return render(request, "proposals/report.html", {"rows": rows, "days": _DAYS})
