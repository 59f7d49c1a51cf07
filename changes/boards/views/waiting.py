"""What is special about deciding changes in the queue of what waits: the news since, votes of boards, the password."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from changes.boards.forms import VoteForm
from changes.boards.queries.asks import ask_about_change
from changes.boards.queries.waiting import tell
from changes.boards.views.boards import reader
from changes.boards.views.voting import take_vote, vote_form
from changes.change.models import Change
from changes.change.queries.pages import since_now
from itsm.approvals import waiting
from itsm.approvals.eligibility import refuse_unless_asked
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.waiting import Waiting
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Where it was: the changes among what waits for me."""
    reader(request)
    sent = request.GET.get("ask", "")
    more = f"&ask={sent}" if sent.isdecimal() and len(sent) < 19 else ""
    return HttpResponseRedirect(f"{reverse('waiting:queue')}?kind={Change.kind}{more}")


def take(request: HttpRequest, ask: ApprovalRequest, actor: Actor) -> waiting.Sent:
    """A vote, or the one word where no board is asked."""
    sent = take_vote(request, ask_about_change(ask.pk), actor)
    return waiting.Sent(sent.form, sent.status)


def see(item: Waiting, actor: Actor, sent: Form | None) -> dict[str, Any]:
    """What is shown of the one that is looked at; a form that comes back goes on naming the version that was read."""
    change: Change = item.told.record.change
    looked = since_now(change, timezone.now())
    seen = looked.mark if looked else ""
    form = vote_form(item.ask, change, actor, seen, sent=sent if isinstance(sent, VoteForm) else None)
    try:
        standing, why_not = refuse_unless_asked(item.ask, actor, change.reference), ""
    except NotPermitted as refused:
        standing, why_not = None, refused.detail
    done = not item.ask.panel_kind and item.said is not None
    return {"form": form, "since": looked, "standing": standing, "why_not": why_not, "has_answered": done}


def shows_changes() -> waiting.Kind:
    """Changes as the queue of what waits shows them."""
    return waiting.Kind(
        title=Change._meta.verbose_name_plural,
        tell=tell,
        pages=waiting.Pages(
            "changes/boards/partials/waiting_change.html",
            "changes/boards/partials/waiting_vote.html",
            see,
            take,
            "changes/boards/partials/waiting_after.html",
        ),
    )
