"""Pages: the mailboxes and how they are, one with its test, and addresses that mail does not reach."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound
from itsm.mail import alarms, incoming_queries, parking_permissions
from itsm.mail.boxes import operations, permissions, signing_in
from itsm.mail.boxes.forms import EditMailboxForm, NewMailboxForm, as_typed
from itsm.mail.boxes.trying import try_out
from itsm.mail.models import Bounce, Mailbox, UndeliverableAddress
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged
from itsm.ui.sending import repeatable


@login_required
@require_safe
def mailboxes(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(request, permissions.readers, _("%(actor_name)s does not keep mailboxes."))
    page = paged(Mailbox.objects.visible_to(actor).select_related("team"), request.GET, ("slug",))
    now = timezone.now()
    rows = [(box, alarms.is_unread(box, now), _ends_soon(box)) for box in page]
    decides = parking_permissions.keepers(actor)
    context = {
        "page": page,
        "rows": rows,
        "may_keep": permissions.keepers(actor),
        "may_lift": permissions.lifters(actor),
        "decides": decides,
        "parked": incoming_queries.parked_count(actor) if decides else 0,
        "undeliverable": UndeliverableAddress.objects.filter(lifted_at=None).count(),
    }
    return render(request, "mail/boxes/list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = NewMailboxForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = form.fields_said()
            made = operations.create_mailbox(actor=actor, at=timezone.now(), slug=form.slug(), **said)
            messages.success(request, _("Kept. Try now whether it can be read.") if made.host else _("Kept."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "mail/boxes/form.html", {"form": form}, status=status)


@login_required
def mailbox(request: HttpRequest, slug: str) -> HttpResponse:
    """One mailbox, edited where it stands."""
    actor = _keeper(request)
    found = _found(actor, slug)
    form = EditMailboxForm(posted(request), initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = form.fields_said()
            operations.edit_mailbox(found, actor=actor, version=form.cleaned_data["version"], **said)
            messages.success(request, _("Kept. The next round uses it."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    now = timezone.now()
    context = {
        "form": form,
        "mailbox": found,
        "is_unread": alarms.is_unread(found, now),
        "ends_soon": _ends_soon(found),
        "may_sign_in": signing_in.may_begin(found),
        "redirect_uri": signing_in.redirect_uri(),
    }
    return render(request, "mail/boxes/form.html", context, status=status)


@repeatable
@login_required
@require_POST
def try_it(request: HttpRequest, slug: str) -> HttpResponse:
    """Connect, count, read the newest subject: now, as it is kept."""
    found = _found(_keeper(request), slug)
    steps = try_out(found, timezone.now())
    context = {"mailbox": found, "steps": steps, "is_good": all(step.is_good for step in steps)}
    template = "mail/boxes/partials/tried.html" if getattr(request, "htmx", False) else "mail/boxes/tried.html"
    return render(request, template, context)


@login_required
@require_POST
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin to sign in for it: the address of the issuer, as a link, since a form may lead nowhere else."""
    actor = _keeper(request)
    found = _found(actor, slug)
    address = signing_in.begin(found, request.session, actor=actor, at=timezone.now())
    context = {"mailbox": found, "address": address, "host": urlsplit(address).hostname}
    return render(request, "mail/boxes/sign_in.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signed_in(request: HttpRequest) -> HttpResponse:
    """Back from the issuer. Looking keeps nothing: the button does."""
    actor, now = _keeper(request), timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    state, code = said.get("state", ""), said.get("code", "")[: signing_in.MOST]
    if request.method == "POST":
        made = signing_in.finish(request.session, state=state, code=code, actor=actor, at=now)
        messages.success(request, _("Signed in. Try now whether it can be read."))
        return redirect_after_write(request, made.get_absolute_url())
    context: dict[str, Any] = {"state": state, "code": code, "refused": said.get("error", "")[:80], "mailbox": None}
    try:
        context["mailbox"] = signing_in.came_back(request.session, state, at=now)
    except Conflict as error:
        context["why_not"] = str(error)
    answer = render(request, "mail/boxes/signed_in.html", context)
    answer["Referrer-Policy"] = "no-referrer"  # the code stands in the address
    return answer


@login_required
@require_POST
def turn(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Pause or resume."""
    actor = _keeper(request)
    found = _found(actor, slug)
    if verb == "pause":
        operations.pause_mailbox(found, actor=actor)
        messages.success(request, _("It is read no more until you resume it. Its mail stays where it is."))
    else:
        operations.resume_mailbox(found, actor=actor)
        messages.success(request, _("It is read again, from where it was left."))
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_safe
def undeliverable(request: HttpRequest) -> HttpResponse:
    actor = _lifter(request)
    rows = UndeliverableAddress.objects.visible_to(actor).filter(lifted_at=None)
    page = paged(rows, request.GET, ("-id",))
    heard = Bounce.objects.filter(address__in=[one.address for one in page]).select_related("outgoing").order_by("id")
    newest = {one.address: one for one in heard}
    shown = [(one, newest.get(one.address)) for one in page]
    return render(request, "mail/boxes/undeliverable.html", {"page": page, "rows": shown})


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _lifter(request)
    found = UndeliverableAddress.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such address, or you may not see it."))
    operations.lift(found, actor=actor, at=timezone.now())
    messages.success(request, _("Mail is sent to %(address)s again.") % {"address": found.address})
    return redirect_after_write(request, reverse("mailboxes:undeliverable"))


def _ends_soon(mailbox: Mailbox) -> bool:
    return mailbox.token_expires_at is not None and any(one.isdecimal() for one in mailbox.warned)


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.keepers, _("%(actor_name)s may not keep mailboxes; administrators may.")
    )


def _lifter(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.lifters, _("%(actor_name)s does not see where mail is not delivered; agents do.")
    )


def _found(actor: Actor, slug: str) -> Mailbox:
    found: Mailbox | None = Mailbox.objects.visible_to(actor).select_related("team").filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no mailbox %(slug)s.") % {"slug": slug[:63]})
    return found
