"""What changes cost: the part of a change's page, of an incident's, asking for a refund, and the report."""

from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from changes.change.queries import listing
from changes.ledger.filters import asked
from changes.ledger.forms import RefundForm
from changes.ledger.operations.refunding import ask_refund
from changes.ledger.permissions import readers, refunders
from changes.ledger.queries.incidents import costs_of_incident
from changes.ledger.queries.report import report_of
from changes.ledger.queries.sheets import sheet_of
from incidents.reports.filters import period_typed
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.approvals.views import waits
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, render_partial
from slo.objectives.queries.listing import by_slug


@login_required
@require_safe
def of_change(request: HttpRequest, reference: str) -> HttpResponse:
    """A part for the page of a change: what it was debited, by objective."""
    actor = actor_permitted(request, readers, _("Error budgets are for people who work here."))
    change = listing.by_reference(actor, reference)
    sheet = sheet_of(change, actor, timezone.now())
    context = {"change": change, "sheet": sheet, "may_refund": refunders(actor, change)}
    title = _("What %(reference)s was debited") % {"reference": change.reference}
    return render_partial(request, "changes/ledger/of_change.html", context, title=title)


@login_required
@require_safe
def of_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """A part for the page of an incident: whose the budget was that burned while it was open."""
    actor = actor_permitted(request, readers, _("Error budgets are for people who work here."))
    costs = costs_of_incident(reference, actor, timezone.now())
    if not costs and getattr(request, "htmx", False):
        return HttpResponse()  # the page says already that no budget burned
    context = {"reference": reference, "costs": costs}
    title = _("Who pays for %(reference)s") % {"reference": reference}
    return render_partial(request, "changes/ledger/of_incident.html", context, title=title)


@login_required
@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """What it takes; sent, it waits for a second person."""
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    if not refunders(actor, change):
        raise NotPermitted(_("Owners of the service and change managers, people, give debits back."))
    objective = by_slug(actor, slug)
    lines = sheet_of(change, actor, timezone.now()).lines
    line = next((one for one in lines if one.objective.pk == objective.pk), None)
    form = RefundForm(posted(request), initial={"events": int(line.net) if line else None})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            said = form.cleaned_data
            return waits(request, ask_refund(change, actor=actor, objective=objective, at=timezone.now(), **said))
        status = refused.status
    context = {"change": change, "objective": objective, "line": line, "form": form}
    return render(request, "changes/ledger/refund.html", context, status=status)


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The last 28 days unless a period is asked for."""
    actor = actor_permitted(request, readers, _("Reports are for people who work here."))
    zone, refusal, found, words = ZoneInfo("UTC"), "", None, None
    try:
        words = asked(request.GET.dict(), timezone.now())
        found = report_of(actor, words)
    except InvalidInput as error:
        refusal = error.detail
    said = request.GET
    context = {
        "refusal": refusal,
        "report": found,
        "by": words.by if words else "service",
        **period_typed(said, words, zone),
    }
    return render(request, "changes/ledger/report.html", context, status=400 if refusal else 200)
