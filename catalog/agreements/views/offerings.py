"""Pages of offerings: the list, and one of them; who edits its service edits it there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.agreements import operations, permissions, queries
from catalog.agreements.forms import NewOfferingForm, OfferingForm, offering_as_typed
from catalog.agreements.models import Offering
from catalog.services.queries import visible_services
from itsm.accounts import audiences
from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.paging import at_most, paged

_ORDER = ("name", "id")


@login_required
def offerings(request: HttpRequest) -> HttpResponse:
    """What is offered to whoever looks."""
    actor = actor_of(request)
    rows = queries.visible_offerings(actor)
    context = {"page": paged(rows, request.GET, _ORDER), "count": at_most(rows), "works_here": staff(actor)}
    return render(request, "catalog/offerings/list.html", context)


@login_required
def new_offering(request: HttpRequest, slug: str) -> HttpResponse:
    """Under the service of this slug."""
    actor = actor_of(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    if not permissions.offering_keepers(actor, service):
        raise NotPermitted(_("The owner team of %(service)s says what it offers.") % {"service": service.name})
    form = NewOfferingForm(
        posted(request), initial={"audience": service.audience},
        names_agreements=permissions.agreement_keepers(actor),
    )  # fmt: skip
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_offering(actor=actor, service=service, **form.said())
            messages.success(request, _("%(name)s is offered.") % {"name": made.name})
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/offerings/form.html", {"form": form, "service": service}, status=status)


@login_required
def offering(request: HttpRequest, pk: int) -> HttpResponse:
    """One offering; who edits its service edits it here."""
    actor = actor_of(request)
    found = _found(actor, pk)
    may_keep = permissions.edits_offering(actor, found)
    if request.method == "POST" and not may_keep:
        raise NotPermitted(_("The owner team of %(service)s says what it offers.") % {"service": found.service.name})
    form = OfferingForm(
        posted(request), initial=offering_as_typed(found), names_agreements=permissions.agreement_keepers(actor)
    )
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_offering(found, actor=actor, **form.said())
            messages.success(request, _("Saved."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {
        "offering": found, "service": found.service, "form": form, "may_keep": may_keep, "works_here": staff(actor),
        "seen_by": audiences.in_words(found.audience) if staff(actor) else "",
    }  # fmt: skip
    return render(request, "catalog/offerings/form.html", context, status=status)


@login_required
@require_POST
def keep_offering(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Offer it no more, or again."""
    actor = actor_of(request)
    found = _found(actor, pk)
    if not permissions.edits_offering(actor, found):
        raise NotPermitted(_("The owner team of %(service)s says what it offers.") % {"service": found.service.name})
    version = version_posted(request)
    if verb == "retire":
        operations.retire_offering(found, actor=actor, version=version, at=timezone.now())
        messages.success(request, _("%(name)s is offered no more.") % {"name": found.name})
    else:
        operations.revive_offering(found, actor=actor, version=version)
        messages.success(request, _("%(name)s is offered again.") % {"name": found.name})
    return redirect(found.get_absolute_url())


def _found(actor: Actor, pk: int) -> Offering:
    return get_object_or_404(queries.visible_offerings(actor), pk=pk)
