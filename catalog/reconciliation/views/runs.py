"""Imports: the list, one with its progress and report, and what is done with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.reconciliation import operations, permissions
from catalog.reconciliation.models import Run
from catalog.reconciliation.queries import examples, listed
from catalog.reconciliation.queries.kept import told
from catalog.reconciliation.queries.runs import counted, visible_runs
from catalog.reconciliation.views.reading import reader
from catalog.reconciliation.vocabulary import Outcome, RunState
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.ui.htmx import redirect_after_write

_SHOWN = 200  # refused documents on the page; the API answers with all
_LISTED = 100
_KEPT = 50


@login_required
def runs(request: HttpRequest) -> HttpResponse:
    """The newest imports, and the sources that they came from."""
    actor = reader(request)
    newest = list(visible_runs(actor)[:_LISTED])
    counts = counted(newest, actor)
    context = {
        "runs": [(one, counts[one.pk]) for one in newest], "sources": listed.sources(actor),
        "open_conflicts": listed.open_conflicts(actor),
        "may_import": permissions.importers(actor),
    }  # fmt: skip
    return render(request, "catalog/reconciliation/list.html", context)


@login_required
def run(request: HttpRequest, reference: str) -> HttpResponse:
    """One import; asked again by itself while it is under way."""
    actor = reader(request)
    found = listed.run_by_reference(actor, reference)
    template = "partials/run.html" if getattr(request, "htmx", False) else "run.html"
    context = {**_shown(found, actor), "next": request.GET.get("next", "")}
    return render(request, f"catalog/reconciliation/{template}", context)


@login_required
@require_POST
def go(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Take in what was only looked at, or stop what is under way."""
    actor = actor_of(request)
    found = listed.run_by_reference(actor, reference)
    if verb == "cancel":
        operations.cancel(found, actor=actor)
        messages.success(request, _("What was not taken in yet stays out."))
    else:
        found = operations.begin(operations.take_in(found, actor=actor), actor=actor)
    return redirect_after_write(request, found.get_absolute_url())


def _shown(run: Run, actor: Actor) -> dict[str, object]:
    under_way = run.state in (RunState.PLANNED, RunState.APPLYING)
    found = [] if under_way else examples.shown_to(run, actor)
    refused = listed.documents_of(run, actor).filter(outcome=Outcome.REFUSED)
    new = listed.documents_of(run, actor).filter(outcome=Outcome.CREATED).defer(None)  # named by their content
    return {
        "run": run, "counts": counted([run], actor)[run.pk], "under_way": under_way, "refused": refused[:_SHOWN],
        "most": _SHOWN, "kept": [] if under_way else told(run, actor, _KEPT),
        "refusals": refused.count(), "changes": _by_item(one for one in found if "before" in one),
        "held": [one for one in found if "holds" in one], "may_import": permissions.importers(actor),
        "new": new[:10],
    }  # fmt: skip


def _by_item(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """An item with all that changed of it: {item, name, said[{key, before, after}]}."""
    found: dict[str, dict[str, Any]] = {}
    for one in changes:
        found.setdefault(one["item"], {"item": one["item"], "name": one["name"], "said": []})["said"].append(one)
    return list(found.values())
