"""Pages of mail that came in: what lies parked, one mail as it was written, and its bytes."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.mail import incoming_queries, parking, showing
from itsm.mail.models import IncomingMail, Mailbox
from itsm.mail.parking_permissions import blocks, decides, keepers, lifts
from itsm.mail.reasons import BEYOND_LIMITS, Reason, Status
from itsm.ui.htmx import redirect_after_write, word_posted
from itsm.ui.paging import paged

_TABS = (Status.PARKED, Status.IGNORED, Status.APPLIED)
_VERBS: dict[str, Callable[..., IncomingMail | list[IncomingMail]]] = {
    "retry": parking.retry,
    "open": parking.open_record,
    "discard": parking.discard,
    "block": parking.block,
    "take_all": parking.take_all,
}


@login_required
@require_safe
def parked(request: HttpRequest) -> HttpResponse:
    """What no record took, newest first; under the other tabs what was ignored, and where the rest went."""
    actor = _keeper(request)
    asked = request.GET.get("tab", "")
    tab = asked if asked in (*_TABS, "blocked") else Status.PARKED.value
    page = (
        paged(incoming_queries.incoming(actor, tab).defer("html", "blocks"), request.GET) if tab != "blocked" else None
    )
    rows = [] if page is None else list(page.rows)
    context = {
        "tabs": [(one.value, one.label.capitalize(), one.value == tab) for one in _TABS],
        "tab": tab,
        "page": page,
        "rows": [(mail, _offered(actor, mail)) for mail in rows]
        if tab == Status.PARKED
        else [(mail, ()) for mail in rows],
        "records": incoming_queries.records_of(actor, rows),
        "parked": incoming_queries.parked_count(actor),
        "blocked": [(one, lifts(actor, one)) for one in incoming_queries.blocked(actor)] if tab == "blocked" else (),
        "mailboxes": Mailbox.objects.visible_to(actor).select_related("team"),
    }
    return render(request, "mail/incoming/list.html", context)


def _offered(actor: Actor, mail: IncomingMail) -> tuple[str, ...]:
    """What one usually does about a mail that lies here for this reason, the likeliest first."""
    return tuple(verb for verb in _usual(mail) if verb != "block" or blocks(actor, mail))


def _usual(mail: IncomingMail) -> tuple[str, ...]:
    if mail.reason in (Reason.DISCARDED, Reason.BLOCKED):
        return ("retry", "open")
    if mail.reason == Reason.RATE:
        return ("take_all", "block")
    if mail.reason in (Reason.UNKNOWN_SENDER, Reason.GUESTS):
        return ("open", "block", "discard")
    if mail.reason in BEYOND_LIMITS:
        return ("open", "discard")
    return ("retry", "open", "discard")


@login_required
@require_safe
def mail(request: HttpRequest, number: int) -> HttpResponse:
    """One mail, as it was written: own words, quotations folded, its HTML without pictures of elsewhere."""
    return _page(request, number, with_remote=False)


@login_required
@require_safe
@csp_update({"img-src": ["http:", "https:"]})  # type: ignore[arg-type]  # typed for views without arguments
def with_pictures(request: HttpRequest, number: int) -> HttpResponse:
    """The same with pictures of elsewhere, for who asks for them: their servers learn that it was read."""
    return _page(request, number, with_remote=True)


def _page(request: HttpRequest, number: int, *, with_remote: bool) -> HttpResponse:
    actor = actor_of(request)
    found = incoming_queries.by_number(actor, number)
    raw_shown = request.GET.get("raw", "")
    context: dict[str, Any] = {
        "mail": found,
        "may_decide": found.is_undecided and decides(actor, found),
        "offered": _offered(actor, found),
        "record": incoming_queries.records_of(actor, [found]).get(found.pk),
        "html": showing.html_of(found, with_remote=with_remote),
        "has_remote": showing.has_remote_pictures(found),
        "with_remote": with_remote,
        "is_keeper": keepers(actor),
        "raw_shown": raw_shown if raw_shown in {"headers", "text"} else "",
        "raw_text": _raw(found, raw_shown),
    }
    return render(request, "mail/incoming/mail.html", context)


def _raw(found: IncomingMail, wanted: str) -> str:
    if wanted == "headers":
        return incoming_queries.headers_as_text(found)
    return incoming_queries.text_as_it_came(found) if wanted == "text" else ""


@login_required
@require_safe
def original(request: HttpRequest, number: int) -> FileResponse:
    """The mail byte for byte, to be saved."""
    found = incoming_queries.by_number(actor_of(request), number)
    opened = incoming_queries.original(found).open("rb")
    answer = FileResponse(
        opened, as_attachment=True, filename=f"{found.reference}.eml", content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """One of the verbs, on a mail that lies parked."""
    actor = _keeper(request)
    found = incoming_queries.by_number(actor, number)
    verb = word_posted(request, "do", *_VERBS)
    done = _VERBS[verb](found, actor=actor)
    one = done if isinstance(done, IncomingMail) else next((mail for mail in done if mail.pk == found.pk), found)
    _say(request, actor, one)
    return redirect_after_write(request, reverse("mail_in:list"))


def _say(request: HttpRequest, actor: Actor, one: IncomingMail) -> None:
    if one.status == Status.APPLIED:
        record = incoming_queries.records_of(actor, [one]).get(one.pk)
        where = record.reference if record is not None else _("a record that you may not see")
        messages.success(request, _("It went to %(where)s.") % {"where": where})
    elif one.status == Status.PARKED:
        messages.warning(request, _("It is parked again: %(reason)s.") % {"reason": one.get_reason_display()})
    else:
        messages.success(request, _("Nothing follows from it: %(reason)s.") % {"reason": one.get_reason_display()})


@login_required
@require_POST
def unblock(request: HttpRequest, number: int) -> HttpResponse:
    """Mail from this address is looked at again."""
    actor = _keeper(request)
    parking.unblock(get_object_or_404(incoming_queries.blocked(actor), pk=number), actor=actor)
    return redirect_after_write(request, f"{reverse('mail_in:list')}?tab=blocked")


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, keepers, _("Mail that no record took is for managers, administrators and who leads a team.")
    )
