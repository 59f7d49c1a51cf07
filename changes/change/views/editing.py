"""A change is edited on its page; what takes away what was asked or authorised asks first, and says what is lost."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from changes.change.forms.content import EditForm, as_typed
from changes.change.models import Change
from changes.change.operations import editing
from changes.change.queries import listing
from changes.change.queries.outages import services_out
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
@require_POST
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the fields that were sent, from where they stand on the page."""
    actor, change = _editable(request, reference)
    form = EditForm(visible_services(actor), request.POST, actor=actor)
    status, asked = 422, None
    if form.is_valid():
        with form_errors_from(form) as refused:
            asked = _taken_or_asked(change, form, actor)
            if asked is None:
                return _done(request, change)
        status = 409 if asked else refused.status
    context = {"change": change, "form": form, "takes_away": asked, "address": request.path}
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "changes/change/partials/asks_first.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#asks-first", "innerHTML show:top"
        return response
    return render(request, "changes/change/asks_first.html", context, status=status)


@login_required
def rewrite(request: HttpRequest, reference: str) -> HttpResponse:
    """The form for all of its content."""
    actor, change = _editable(request, reference)
    slugs = [slug for slug, _name in services_out(change, actor) if slug]
    form = EditForm(visible_services(actor), posted(request), actor=actor, initial=as_typed(change, slugs)).as_a_whole()
    status, asked = 200 if request.method == "GET" else 422, None
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            asked = _taken_or_asked(change, form, actor)
            if asked is None:
                return _done(request, change)
        status = 409 if asked else refused.status
    context = {"change": change, "form": form, "takes_away": asked}
    return render(request, "changes/change/rewrite.html", context, status=status)


def _editable(request: HttpRequest, reference: str) -> tuple[Actor, Change]:
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    editing.require_editable(change, actor)
    return actor, change


def _taken_or_asked(change: Change, form: EditForm, actor: Actor) -> list[str] | None:
    """None where the edit is done; else what it would take away, which the form says next time that it was told."""
    try:
        editing.edit(change, actor=actor, at=timezone.now(), **form.sent())
    except editing.TakesAway as asked:
        form.data = {**dict(form.data.items()), "agreed": asked.extra["agreed"]}
        told: list[str] = asked.extra["takes_away"]
        return told
    return None


def _done(request: HttpRequest, change: Change) -> HttpResponse:
    messages.success(request, _("%(reference)s is edited.") % {"reference": change.reference})
    return redirect_after_write(request, change.get_absolute_url())
