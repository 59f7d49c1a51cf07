"""One objective: what is left of its budget, and why it stands where it stands."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from itsm.accounts.actors import actor_of
from itsm.approvals.queries import waiting_about
from slo.measuring.permissions import allowers
from slo.objectives import permissions, queries
from slo.objectives.forms.corrections import CorrectionForm, WhatIfForm
from slo.objectives.queries.measurers import kept_aside, standing_allowance
from slo.objectives.queries.objective_page.chart import chart
from slo.objectives.queries.objective_page.sheet import sheet
from slo.objectives.queries.what_if import may_ask_target


@login_required
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    now = timezone.now()
    found = sheet(actor, slug, now)
    objective = found.line.objective
    context = {
        "sheet": found,
        "line": found.line,
        "budget": found.line.budget,
        "objective": objective,
        "may_set": permissions.keepers(actor, objective.service),
        "may_propose": permissions.proposers(actor, objective),
        "may_decide_cause": permissions.attributors(actor),
        "correction_form": CorrectionForm(),
        "may_allow": allowers(actor, objective.service),
        "allowance": standing_allowance(objective, now),
        "aside": kept_aside(objective),
        "waiting": waiting_about(objective),
        "what_if_form": WhatIfForm(with_target=may_ask_target(objective)),
        "base_url": settings.BASE_URL,
        "now": now,
    }
    return render(request, "slo/objectives/detail.html", context)


@login_required
def burn_down(request: HttpRequest, slug: str) -> JsonResponse:
    """The chart's line, its limits, and what happened meanwhile."""
    actor = actor_of(request)
    return JsonResponse(chart(queries.by_slug(actor, slug), timezone.now(), actor))
