"""One indicator: what it is, how its measuring goes, and files of measurements for it."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.api.middleware import takes_files
from itsm.approvals.queries import waiting_about
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.ui.htmx import form_errors_from, posted
from itsm.ui.paging import paged
from slo.measuring import permissions, queries
from slo.measuring.forms.sources import UploadForm
from slo.measuring.models import Indicator
from slo.measuring.operations.dependents import dependents
from slo.measuring.operations.files import MAX_ROWS_AT_ONCE, record_file
from slo.measuring.operations.rejection_messages import SENTENCES
from slo.measuring.queries.measurers import may_send, quarantined
from slo.measuring.queries.minutes import first_minute, newest_minute
from slo.measuring.queries.owed import owed_rows
from slo.measuring.queries.silence import silent_queries
from slo.measuring.views.readers import reader_of

_PROBLEMS_SHOWN = 200
_OBJECTIVES_SHOWN = 50
_QUARANTINED_SHOWN = 50


@login_required
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator, those that cannot be measured marked; `?failing=1` only these."""
    actor = reader_of(request)
    rows = queries.indicators(actor)
    text = request.GET.get("text", "")[:100]
    if text:
        rows = rows.filter(slug__icontains=text)
    if request.GET.get("failing"):
        rows = rows.filter(failing_since__isnull=False)
    context = {"page": paged(rows, request.GET, ("slug",)), "text": text, "failing": request.GET.get("failing", "")}
    return render(request, "slo/measuring/indicators.html", context)


@login_required
def indicator(request: HttpRequest, slug: str) -> HttpResponse:
    actor = reader_of(request)
    return render(request, "slo/measuring/indicator.html", _sheet(actor, _indicator(actor, slug)))


@takes_files
@login_required
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for a file, and what became of it: applied when the answer is read."""
    actor = actor_of(request)
    found = _indicator(actor, slug)
    if not permissions.senders(actor):
        raise NotPermitted(_("%(name)s may not send measurements.") % {"name": actor.name})
    form = UploadForm(posted(request), request.FILES or None)
    context: dict[str, Any] = {"indicator": found, "form": form, "most": MAX_ROWS_AT_ONCE}
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            outcome = record_file(found, form.cleaned_data["file"].read(), actor=actor, at=timezone.now())
            context["outcome"] = outcome
            context["problems"] = [(one.line, _(one.sentence), one.cell) for one in outcome.problems[:_PROBLEMS_SHOWN]]
            context["refused"] = [(one.minute, SENTENCES[one.reason]) for one in outcome.refused[:_PROBLEMS_SHOWN]]
            status = 200 if outcome.accepted or outcome.waiting or outcome.quarantined else 422
            return render(request, "slo/measuring/upload.html", context, status=status)
        status = refused.status
    return render(request, "slo/measuring/upload.html", context, status=status)


def _indicator(actor: Actor, slug: str) -> Indicator:
    found = queries.indicators(actor).filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no indicator %(slug)s, or you may not see it.") % {"slug": slug[:63]})
    return found


def _sheet(actor: Actor, found: Indicator) -> dict[str, Any]:
    now = timezone.now()
    return {
        "indicator": found,
        "check": found.check_made if found.source == Indicator.Source.UPTIME else None,
        "newest": newest_minute(found),
        "began": first_minute(found),
        "silent": silent_queries(found),
        "owed": owed_rows(found),
        "objectives": dependents().counting(found, actor)[:_OBJECTIVES_SHOWN],
        "queries": [
            (_("Good"), found.good_query), (_("Bad"), found.bad_query), (_("All"), found.total_query),
            (_("Value"), found.value_query),
        ],
        "may_send": permissions.senders(actor) and may_send(found, actor),
        "may_name": permissions.measurer_namers(actor) and found.source == Indicator.Source.PUSH,
        "measurers": found.measurers.all(),
        "quarantined": quarantined(actor).waiting().filter(indicator=found)[:_QUARANTINED_SHOWN],
        "waiting": waiting_about(found),
        "may_decide": permissions.measurer_namers(actor),
        "may_set": permissions.authors(actor),
        "today": now.date(),
        "week_ago": (now - timedelta(days=6)).date(),
    }  # fmt: skip
