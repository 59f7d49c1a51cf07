"""Outage periods: what people say they came from, and what one incident or change cost."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.errors import InvalidInput
from itsm.ui.htmx import render_partial
from slo.objectives import operations, permissions
from slo.objectives.models import OutageCause
from slo.objectives.queries.outages import outage_by_id, record_costs


@login_required
@require_POST
def decide_cause(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Confirm a suspected cause, rule it out, or take that back. htmx gets the cause's line again."""
    actor = actor_permitted(request, permissions.attributors, _("%(actor_name)s may not say what an outage came from."))
    verdict = request.POST.get("verdict", "")
    if verdict not in OutageCause.Verdict.values:
        raise InvalidInput(_("Say whether it is confirmed, ruled out or only suspected."))
    outage = outage_by_id(actor, slug, pk)
    reference = request.POST.get("reference", "")
    cause = operations.decide_cause(outage, reference, actor=actor, verdict=verdict, at=timezone.now())
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(f"{reverse('slo:detail', args=[slug])}#outages")
    cause.outage = outage
    context = {"cause": cause, "outage": outage, "objective": outage.objective, "may_decide_cause": True}
    answer = render(request, "slo/objectives/partials/cause.html", context)
    answer["HX-Trigger"] = "cause-decided"
    return answer


@login_required
def cost(request: HttpRequest, reference: str) -> HttpResponse:
    """A part for the page of an incident or a change: which budgets it may have cost how much."""
    actor = actor_permitted(request, permissions.readers, _("Error budgets are for people who work here."))
    context = {
        "reference": reference,
        "costs": record_costs(actor, reference),
        "may_decide_cause": permissions.attributors(actor),
    }
    title = _("What %(reference)s cost") % {"reference": reference}
    return render_partial(request, "slo/objectives/partials/cost.html", context, title=title)
