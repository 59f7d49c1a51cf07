"""Operations: what must always hold, how it stands, and clearing what did not."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.step_up import ask_proof, prove
from itsm.approvals.views import waits
from itsm.audit.recording import timeline
from itsm.invariants import operations, permissions, queries
from itsm.invariants.forms import ClearForm
from itsm.invariants.known import called
from itsm.invariants.models import Violation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.paging import paged


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Every invariant, worst first."""
    _reader(request)
    return render(request, "invariants/list.html", {"overview": queries.overview(timezone.now())})


@login_required
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """One invariant: why, what was found, and its history of violations."""
    actor = _reader(request)
    if called(name) is None:
        raise NotFound(_("There is no such invariant."))
    row = next(one for one in queries.overview(timezone.now()).rows if one.id == name)
    open_one = row.violation
    cleared = Violation.objects.visible_to(actor).filter(invariant=name).exclude(cleared_at=None)
    context = {
        "row": row,
        "found": queries.sentences(open_one) if open_one else [],
        "events": activity(open_one, timeline(open_one), []) if open_one else [],
        "may_clear": permissions.clearers(actor),
        "page": paged(cleared.select_related("cleared_by"), request.GET, ("-id",)),
    }
    return render(request, "invariants/invariant.html", context)


@login_required
def clear(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why people are needed no more; what does not hold yet waits for a second person."""
    actor = actor_permitted(
        request, permissions.clearers, _("Administrators and change managers clear what the auditor found.")
    )
    found = Violation.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such violation."))
    form, status = ClearForm(posted(request)), 200
    ask_proof(form, actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                words = dict(form.cleaned_data)
                proven = prove(request, actor, words)
                kept = operations.clear(
                    found, actor=proven, at=timezone.now(), version=version_posted(request), reason=words["reason"]
                )
                if kept.awaits is not None:
                    return waits(request, kept.awaits)
                messages.success(request, _("Cleared."))
                return redirect_after_write(request, kept.get_absolute_url())
            status = refused.status
    context = {"violation": found, "form": form, "found": queries.sentences(found)}
    return render(request, "invariants/clear.html", context, status=status)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.readers, _("What the auditor finds is for administrators, change managers and auditors.")
    )
