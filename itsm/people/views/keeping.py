"""What administrators do for many at once: bringing people in from a file, and lifting locks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from itsm.accounts.operations.importing import Import, import_people
from itsm.accounts.operations.lockouts import lift
from itsm.accounts.queries.lockouts import Lockout, lockouts
from itsm.people.forms import ImportForm
from itsm.people.views.people import keeper_of, tabs
from itsm.ui.htmx import form_errors_from, redirect_after_write

_EXAMPLE = "login,name,email,roles,teams,leads,manager"


@login_required
def bring_in(request: HttpRequest) -> HttpResponse:
    """A file is tried first, and kept when its preview is sent again."""
    actor = keeper_of(request)
    sent = request.method == "POST"
    form = ImportForm(request.POST if sent else None, request.FILES if sent else None)
    found: Import | None = None
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = form.cleaned_data
            found = import_people(
                said["text"],
                actor=actor,
                keep=request.POST.get("step") == "keep",
                send_invitations=said["send_invitations"],
                make_teams=said["make_teams"],
            )
        status = 422 if found is not None and found.wrong else 200 if found is not None else refused.status
        if found is not None:
            form = ImportForm(initial={**said, "file": None})
            if found.kept:
                _say(request, found)
    context = {"form": form, "found": found, "example": _EXAMPLE, **tabs(actor, "import")}
    return render(request, "people/import.html", context, status=status)


def _say(request: HttpRequest, found: Import) -> None:
    sentence = ngettext("%(count)s person came in.", "%(count)s people came in.", found.new)
    messages.success(request, sentence % {"count": found.new})


@login_required
def locked(request: HttpRequest) -> HttpResponse:
    actor = keeper_of(request)
    rows = [Lockout.of(row) for row in lockouts()[:200]]
    return render(request, "people/locked.html", {"rows": rows, **tabs(actor, "locked")})


@login_required
@require_POST
def lift_lock(request: HttpRequest, number: int) -> HttpResponse:
    actor = keeper_of(request)
    row = lockouts().filter(pk=number).first()
    if row is None:
        raise Http404
    found = Lockout.of(row)
    lift(found, actor=actor)
    words = {"login": found.login, "address": found.address}
    messages.success(request, _("%(login)s may try again from %(address)s.") % words)
    return redirect_after_write(request, reverse("accounts:locked"))
