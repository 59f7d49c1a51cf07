"""Pages of what waits for a second person."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.accounts.interest import stake_of
from itsm.accounts.step_up import ask_proof, prove
from itsm.approvals import permissions, queries
from itsm.approvals.confirming import weighs_much
from itsm.approvals.filters import ConfirmationFilter
from itsm.approvals.forms import DecisionForm
from itsm.approvals.models import Confirmation
from itsm.approvals.workflow import CONFIRMATION
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, redirect_after_write
from itsm.ui.paging import paged
from itsm.ui.steps import check_may


def waits(request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
    """The answer of every page whose write a second person must confirm first."""
    return redirect_after_write(request, waits_for(request, confirmation))


def waits_for(request: HttpRequest, confirmation: Confirmation) -> str:
    """The same as an address to go to; the page there begins with a word about it."""
    words = {"reference": confirmation.reference}
    messages.info(request, _("%(reference)s waits for a second person; nothing has changed yet.") % words)
    return confirmation.get_absolute_url()


def written(
    request: HttpRequest, actor: Actor, form: Any, write: Callable[[Actor, dict[str, Any]], Any], to: str, said: str,
    *beside: Any,
) -> tuple[HttpResponse | None, int]:  # fmt: skip
    """The answer to what a form that is valid writes, by whoever shows in it who they are: the next page, or the one of
    what waits for a second person. None with a status where the form is to be shown again.

    `write(actor, words)` returns the record; `to`: where to go then, "" for its page; `said`: what is said there.
    `beside`: forms that were sent with it, whose fields are told what is wrong with them.
    """
    with form_errors_from(form, *beside) as refused:
        words = dict(form.cleaned_data)
        kept = write(prove(request, actor, words), words)
        if getattr(kept, "awaits", None) is not None:
            return waits(request, kept.awaits), 302
        messages.success(request, said)
        return redirect_after_write(request, to or kept.get_absolute_url()), 302
    return None, refused.status


@login_required
def confirmations(request: HttpRequest) -> HttpResponse:
    """What waits, unless another state is asked for."""
    actor = _reader(request)
    chosen = ConfirmationFilter(request.GET, queryset=queries.confirmations(actor), request=request)
    rows = chosen.qs if request.GET.get("status") else chosen.qs.waiting()
    context = {"page": paged(rows, request.GET, ("-id",)), "filter": chosen, "status": request.GET.get("status", "")}
    return render(request, "approvals/confirmations.html", context)


@login_required
def confirmation(request: HttpRequest, reference: str) -> HttpResponse:
    actor = _reader(request)
    return _page(request, queries.confirmation_by_reference(actor, reference), actor)


@login_required
@require_POST
def step(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Confirm, decline or withdraw what was read."""
    if action not in CONFIRMATION.operations:
        raise Http404
    actor = _reader(request)
    found = queries.confirmation_by_reference(actor, reference)
    taken = CONFIRMATION.steps[action]
    check_may(taken, actor, found)
    form = DecisionForm(request.POST)
    if action == "confirm" and weighs_much(found):
        ask_proof(form, actor)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            actor = prove(request, actor, form.cleaned_data)
            said = {words.name: form.cleaned_data[words.name] for words in taken.words}
            moved = CONFIRMATION.take(
                action, found, actor=actor, at=timezone.now(), version=form.cleaned_data["version"], **said
            )
            words = {"reference": moved.reference, "state": moved.get_status_display()}
            messages.success(request, _("%(reference)s: %(state)s") % words)
            return redirect_after_write(request, moved.get_absolute_url())
        status = refused.status
    return _page(request, queries.confirmation_by_reference(actor, reference), actor, form, status)


def _page(
    request: HttpRequest, found: Confirmation, actor: Actor, form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    steps = found.workflow.open_to(actor, found)
    stake = stake_of(actor, found.services) if any(one.action == "confirm" for one in steps) else None
    form = form or DecisionForm(initial={"version": found.version})
    if weighs_much(found) and any(one.action == "confirm" for one in steps):
        ask_proof(form, actor, required=False)
    context: dict[str, Any] = {
        "confirmation": found,
        "steps": [one for one in steps if stake is None or one.action != "confirm"],
        "stake": stake,
        "form": form,
        "events": activity(found, timeline(found), []),
    }
    return render(request, "approvals/confirmation.html", context, status=status)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.readers, _("%(actor_name)s may not see what waits for a second person.")
    )
