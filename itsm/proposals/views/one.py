"""One proposal: read whole, changed before it is accepted, dismissed with a reason, taken back."""

from collections.abc import Callable
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
from itsm.accounts.reading import was_read
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.proposals import operations, queries
from itsm.proposals.forms import DismissForm, PartsForm
from itsm.proposals.models import Proposal
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, plain_sentence, redirect_after_write, version_posted


@login_required
@require_safe
def detail(request: HttpRequest, number: int) -> HttpResponse:
    actor = actor_of(request)
    proposal = queries.named(actor, number)
    was_read(queries.record_about(proposal, actor), actor)
    return _page(request, proposal, actor)


def _page(request: HttpRequest, proposal: Proposal, actor: Actor, status: int = 200, **forms: Any) -> HttpResponse:
    [line] = queries.told([proposal], actor)
    context: dict[str, Any] = {
        "line": line,
        "form": PartsForm(line.waiting),
        "dismissing": DismissForm(),
        "events": activity(proposal, timeline(proposal)),
        **forms,
    }
    return render(request, "proposals/detail.html", context, status=status)


@login_required
@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """All of it, one `field`, or what was typed instead (`edited`)."""
    actor = actor_of(request)
    proposal = queries.named(actor, number)
    [line] = queries.told([proposal], actor)
    version, form = version_posted(request), PartsForm(line.waiting, request.POST)
    edited = request.POST.get("edited") == "on"
    fields = [request.POST["field"]] if "field" in request.POST else None

    def write() -> None:
        values = form.changed_values() if edited else {}
        operations.accept(
            proposal, actor=actor, at=timezone.now(), version=version, fields=fields, values=values
        )  # fmt: skip

    return _decided(request, proposal, actor, write, form=form if edited else None)


@login_required
@require_POST
def dismiss(request: HttpRequest, number: int) -> HttpResponse:
    """All of it, or one `field`; the reason is told to the agent."""
    actor = actor_of(request)
    proposal, form = queries.named(actor, number), DismissForm(request.POST)
    fields = [request.POST["field"]] if "field" in request.POST else None

    def write() -> None:
        why, version = form.cleaned_data["why"], version_posted(request)
        operations.dismiss(proposal, actor=actor, at=timezone.now(), why=why, version=version, fields=fields)

    return _decided(request, proposal, actor, write, dismissing=form)


@login_required
@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """One's newest word about it, taken back."""
    actor = actor_of(request)
    proposal = queries.named(actor, number)

    def write() -> None:
        operations.take_back(proposal, actor=actor, at=timezone.now())

    return _decided(request, proposal, actor, write)


def _decided(
    request: HttpRequest, proposal: Proposal, actor: Actor, write: Callable[[], None], **forms: Any
) -> HttpResponse:
    """From a list: the row as it stands then, or the sentence of the refusal. From its own page: the queue."""
    forms = {name: form for name, form in forms.items() if form is not None}
    form = next(iter(forms.values()), None) or DismissForm(request.POST)
    if request.POST.get("row") == "on":
        return _row(request, proposal, actor, write, form)
    status = 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            write()
            messages.success(request, _("Your word about %(about)s is noted.") % {"about": proposal.about})
            return redirect_after_write(request, reverse("proposals:list"))
        status = refused.status
    kept = forms or {"dismissing": form}
    return _page(request, queries.named(actor, proposal.pk), actor, status, **kept)


def _row(request: HttpRequest, proposal: Proposal, actor: Actor, write: Callable[[], None], form: Any) -> HttpResponse:
    try:
        if not form.is_valid():
            return plain_sentence(" ".join(said for found in form.errors.values() for said in found), 422)
        write()
    except DomainError as refusal:
        return plain_sentence(refusal.detail, refusal.status)
    fresh = queries.visible_to(actor).filter(pk=proposal.pk).first()
    if fresh is None:
        return HttpResponse(status=204)
    [line] = queries.told([fresh], actor)
    return render(request, "proposals/partials/line.html", {"line": line})
