"""The history of everything, for auditors and administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.queues import rights_in_queues
from itsm.accounts.step_up import ask_proof, prove
from itsm.audit_trail import asking, exporting, queries
from itsm.audit_trail.filters import EntryFilter
from itsm.audit_trail.forms import ExportForm
from itsm.audit_trail.permissions import audit_readers
from itsm.kernel.actors import Actor
from itsm.replica import may_be_old
from itsm.ui.htmx import form_errors_from, posted
from itsm.ui.paging import paged


@login_required
@may_be_old
def history(request: HttpRequest) -> HttpResponse:
    """Everything that happened, filtered and page by page; whether it is proven."""
    actor = _reader(request)
    chosen = EntryFilter(request.GET, queries.entries(actor))
    rows = chosen.qs if chosen.is_valid() else queries.entries(actor).none()
    context = {
        "page": paged(rows, request.GET),
        "filter": chosen,
        "state": queries.state(),
        "hidden": len(rights_in_queues(actor).hidden),
    }
    return render(request, "audit_trail/history.html", context, status=200 if chosen.is_valid() else 400)


@login_required
@may_be_old
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: before and after, and what proves it."""
    found = get_object_or_404(queries.entries(_reader(request)), pk=pk)
    changes = [(key, *_pair(pair)) for key, pair in sorted(found.changes.items())]
    context = {"entry": found, "changes": changes, "links": queries.links_of(found), "state": queries.state()}
    return render(request, "audit_trail/entry.html", context)


@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """What the filter of the address finds, as a file; after the password was said once more."""
    actor = _reader(request)
    chosen = EntryFilter(request.GET, queries.entries(actor))
    form, status = ExportForm(posted(request)), 200
    ask_proof(form, actor)
    if request.method == "POST":
        status = 422
        if form.is_valid() and chosen.is_valid():
            with form_errors_from(form) as refused:
                proven = prove(request, actor, form.cleaned_data)
                return exporting.export(chosen.qs, form.cleaned_data["form"], actor=proven)
            status = refused.status
    return render(request, "audit_trail/export.html", {"form": form, "filter": chosen}, status=status)


@login_required
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a check of everything; how far it is, for the page that waits for it."""
    actor = _reader(request)
    if request.method == "POST":
        if asking.ask(actor=actor, at=timezone.now()).ended_at:
            said = _("A check of all of it ended within the last minute: what it found stands here, nothing later.")
            messages.info(request, said)
        return redirect("audit:history")
    return render(request, "audit_trail/partials/state.html", {"state": queries.state()})


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, audit_readers, _("%(actor_name)s may not read the history of everything."))


def _pair(pair: object) -> tuple[object, object]:
    return (pair[0], pair[1]) if isinstance(pair, list) and len(pair) == 2 else (None, pair)
