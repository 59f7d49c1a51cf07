"""Who decides in whose place: one's own delegations, and for administrators and auditors everybody's."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.approvals import delegating, permissions, queries
from itsm.approvals.forms import DelegationForm, EndForm
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, redirect_after_write
from itsm.ui.paging import paged


@login_required
def delegations(request: HttpRequest) -> HttpResponse:
    """GET shows them, POST names a delegate."""
    actor = _reader(request)
    if request.method != "POST":
        return _page(request, actor)
    if not permissions.may_name_delegates(actor):
        raise NotPermitted(_("People who decide name delegates, each for themselves."))
    form = DelegationForm(delegating.scopes_of(actor), delegating.delegates_for(actor), request.POST)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            made = delegating.delegate(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("%(name)s decides in your place then.") % {"name": made.delegate})
            return redirect_after_write(request, reverse("delegations:list"))
        status = refused.status
    return _page(request, actor, status, form=form)


@login_required
@require_POST
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """It is over at once."""
    actor = _reader(request)
    found = queries.delegation_by_reference(actor, reference)
    if not permissions.delegation_enders(actor, found):
        raise NotPermitted(_("A delegation is ended by one of the two whom it is about."))
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, 422, end_form=form)
    version = form.cleaned_data["version"]
    ended = delegating.end_delegation(found, actor=actor, at=timezone.now(), version=version)
    messages.success(request, _("%(reference)s has ended.") % {"reference": ended.reference})
    return redirect_after_write(request, reverse("delegations:list"))


def _page(request: HttpRequest, actor: Actor, status: int = 200, **more: Any) -> HttpResponse:
    page = paged(queries.delegations(actor), request.GET, ("-starts_at", "-id"))
    now = timezone.now()
    may = permissions.may_name_delegates(actor)
    context = {
        "page": page,
        "rows": [
            {"one": one, "state": one.state_at(now), "may_end": permissions.delegation_enders(actor, one)}
            for one in page.rows
        ],
        "form": DelegationForm(delegating.scopes_of(actor), delegating.delegates_for(actor)) if may else None,
        "me": actor.id,
        **more,
    }
    return render(request, "approvals/delegations.html", context, status=status)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.delegation_readers, _("%(actor_name)s may not see who decides in whose place.")
    )
