"""Pages of one's chat accounts: the list, and the one on which a link from a chat is confirmed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itsm.accounts.actors import actor_of
from itsm.webhooks.slash import accounts


@login_required
@require_safe
def chats(request: HttpRequest) -> HttpResponse:
    """Which chat accounts act as oneself."""
    return render(request, "webhooks/chats.html", {"accounts": accounts.accounts_of(actor_of(request))})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking links nothing: the button does."""
    now = timezone.now()
    if request.method == "POST":
        made = accounts.link(token, actor=actor_of(request), at=now)
        messages.success(request, _("Linked: commands of %(name)s are yours.") % {"name": made})
        return redirect("chats:list")
    return render(request, "webhooks/link_chat.html", {"asked": accounts.asked_by(token, now)})


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    accounts.end(pk, actor=actor_of(request))
    messages.success(request, _("Ended: its commands are nobody's any more."))
    return redirect("chats:list")
