"""How I am reached: phones, rules, and a try."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_of
from itsm.accounts.operations import triage_id
from itsm.kernel.errors import DomainError
from itsm.notifications.pushing.devices import devices_of
from itsm.paging import operations
from itsm.paging.forms import CodeForm, ContactForm, rules_sent, rules_typed
from itsm.paging.forms.contacts import ways_offered
from itsm.paging.operations import contacts
from itsm.paging.queries import meeting
from itsm.paging.vocabulary import Urgency
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, word_posted

HERE = "/profile/paging/"


@login_required
def reached(request: HttpRequest) -> HttpResponse:
    return _page(request, ContactForm(), 200)


def _page(request: HttpRequest, form: ContactForm, status: int, refused: str = "") -> HttpResponse:
    actor = actor_of(request)
    phones, rules = list(contacts.own_contacts(actor)), list(contacts.own_rules(actor))
    by_urgency = [(one, [rule for rule in rules if rule.urgency == one]) for one in Urgency]
    me, able = actor.account_id, meeting.channels()

    def held(urgency: str) -> list[meeting.Way]:
        return [way for way in meeting.ways_of(me, urgency) if way.channel in able]

    context = {
        "form": form, "code": CodeForm(), "phones": phones, "ways": ways_offered(phones), "refused": refused,
        "urgencies": [(one, rules_typed(own), own, held(one)) for one, own in by_urgency],
        "can_phone": len(able) > 2, "able": able, "devices": devices_of(actor).count(),
        "is_wakeable": bool(meeting.wakeable([me])),
    }  # fmt: skip
    return render(request, "paging/reached.html", context, status=status)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = ContactForm(posted(request))
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            contacts.add(actor=actor_of(request), at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("A code is on its way to that phone."))
            return redirect_after_write(request, HERE)
        status = refused.status
    return _page(request, form, status)


@login_required
@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The code that came there, or another one."""
    actor = actor_of(request)
    do = word_posted(request, "do", "verify", "again", otherwise="verify")
    try:
        if do == "again":
            contacts.send_code(pk, actor=actor, at=timezone.now())
            messages.success(request, _("Another code is on its way."))
        else:
            contacts.verify(pk, actor=actor, code=request.POST.get("code", "")[:12], at=timezone.now())
            messages.success(request, _("This phone is yours: pages reach you there."))
    except DomainError as error:
        if error.status == 404:
            raise
        said = " ".join(one for told in getattr(error, "errors", {}).values() for one in told) or error.detail
        return _page(request, ContactForm(), error.status, said)
    return redirect_after_write(request, HERE)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    contacts.remove(pk, actor=actor_of(request))
    messages.success(request, _("Nothing goes there any more."))
    return redirect_after_write(request, HERE)


@login_required
@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """All rules of one urgency."""
    actor = actor_of(request)
    urgency = word_posted(request, "urgency", *Urgency.values)
    try:
        wanted = rules_sent(request.POST, contacts.own_contacts(actor))
        contacts.set_rules(actor=actor, urgency=urgency, rules=wanted)
        messages.success(request, _("Kept.") if wanted else _("The default holds again."))
    except DomainError as error:
        said = " ".join(one for told in getattr(error, "errors", {}).values() for one in told) or error.detail
        return _page(request, ContactForm(), error.status, said)
    return redirect_after_write(request, HERE)


@login_required
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Page oneself."""
    actor = actor_of(request)
    urgency = word_posted(request, "urgency", *Urgency.values, otherwise="high")
    operations.try_rules(actor, urgency, triage_id(), timezone.now())
    messages.success(request, _("You are paged now, by your own rules. Nobody else is."))
    return redirect_after_write(request, "/pages/")
