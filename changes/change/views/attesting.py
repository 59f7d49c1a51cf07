"""Whose word counts, and the words that were said."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.forms import AttestForm, AttestorForm
from changes.change.models import Attestation, Attestor
from changes.change.operations import attesting as saying
from changes.change.queries import attesting as attestations
from changes.change.queries import listing
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def attestors(request: HttpRequest) -> HttpResponse:
    """Owners and managers name attestors; everybody who works here sees who is named and what was said."""
    actor = _staff(request)
    form = AttestorForm(visible_services(actor), posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            saying.name_attestor(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Named: what this account says about it counts from now on."))
            return redirect("changes:attestors")
        status = refused.status
    context = {
        "form": form,
        "may_name": permissions.attestor_keepers(actor),
        "me": actor.id,
        **attestations.attesting(),
    }
    return render(request, "changes/change/attestors.html", context, status=status)


@login_required
def attest(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what one knows of the artifact of a change, which somebody else wants."""
    actor = actor_permitted(request, permissions.attesters, _("%(actor_name)s may not attest."))
    change = listing.by_reference(actor, reference)
    if not permissions.may_attest(actor, change):
        raise NotPermitted(
            _("%(reference)s is yours, in part, or names no artifact for ever: what counts is the word of others.")
            % {"reference": change.reference}
        )
    form, status = AttestForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        if request.POST.get("artifact", "") != change.artifact_digest:  # who edits it meanwhile gets no word by that
            form.add_error(None, _("The change names another artifact than the page that you answer. Look again."))
        elif form.is_valid():
            with form_errors_from(form) as refused:
                saying.attest(
                    actor=actor, service=change.service, artifact_digest=change.artifact_digest, at=timezone.now(),
                    **form.said(),
                )  # fmt: skip
                messages.success(request, _("Your word is kept; it counts from the gate's next answer on."))
                return redirect_after_write(request, change.get_absolute_url())
            status = refused.status
    said = attestations.said_of(change)
    return render(request, "changes/change/attest.html", {"change": change, "form": form, "words": said}, status=status)


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Owners and managers; a kind word of this account no longer counts."""
    actor = _staff(request)
    named = get_object_or_404(Attestor.objects.select_related("service", "account"), pk=pk)
    saying.dismiss_attestor(named, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("Dismissed: its kind words no longer count."))
    return redirect("changes:attestors")


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own word back."""
    actor = _staff(request)
    word = get_object_or_404(Attestation, pk=pk)
    saying.withdraw(word, actor=actor, at=timezone.now())
    messages.success(request, _("Taken back. That it was said stays to be seen."))
    return redirect("changes:attestors")


def _staff(request: HttpRequest) -> Actor:
    """Who may see words and attestors at all; for others there is nothing to guess at."""
    return actor_permitted(request, permissions.staff, _("Attestors are for people who work here."))
