"""One objective: what is left of its budget, why it stands where it stands, and its terms."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Service
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import refusals_on, went_well
from slo import operations, policies, queries
from slo.engine.levels import LIMITS
from slo.engine.windows import cautions
from slo.forms import EditObjectiveForm, NewObjectiveForm, as_typed
from slo.models import Objective
from slo.queries import pages
from slo.queries.marks import marks


@login_required
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    now = timezone.now()
    sheet = pages.sheet(actor, slug, now)
    objective = sheet.line.objective
    context = {
        "sheet": sheet,
        "line": sheet.line,
        "budget": sheet.line.budget,
        "objective": objective,
        "cautions": [caution.value for caution in cautions(objective.error_budget_ppb, objective.window_days)],
        "may_set": policies.keepers(actor, objective.service),
        "base_url": settings.BASE_URL,
        "now": now,
    }
    return render(request, "slo/detail.html", context)


@login_required
def burn_down(request: HttpRequest, slug: str) -> JsonResponse:
    """The chart's line, its limits, and what happened meanwhile."""
    objective = queries.by_slug(actor_of(request), slug)
    now = timezone.now()
    limits = [float(limit) for limit in LIMITS.values()]
    return JsonResponse({**queries.burn_down(objective, now), "limits": limits, "marks": marks(objective, now)})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not policies.authors(actor):
        raise NotPermitted(_("%(name)s may not set objectives; engineers and owners may.") % {"name": actor.name})
    initial = {"service": request.GET.get("service", "")}
    form = NewObjectiveForm(Service.objects.visible_to(actor), request.POST or None, initial=initial)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            objective = _create(form, actor)
            return went_well(request, reverse("slo:detail", args=[objective.slug]))
        status = refused.status
    return render(request, "slo/form.html", {"form": form}, status=status)


@transaction.atomic
def _create(form: NewObjectiveForm, actor: Actor) -> Objective:
    """Both or neither, as the API does it."""
    indicator = operations.settle_indicator(actor=actor, **form.definition())
    return operations.create_objective(actor=actor, at=timezone.now(), indicator=indicator, **form.terms())


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    objective = queries.by_slug(actor, slug)
    if not policies.keepers(actor, objective.service):
        raise NotPermitted(_("%(name)s may not change this objective; its owners may.") % {"name": actor.name})
    form = EditObjectiveForm(request.POST or None, initial=as_typed(objective))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            operations.edit_objective(objective, actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Kept. The minutes before keep the terms of their time."))
            return went_well(request, reverse("slo:detail", args=[slug]))
        status = refused.status
    return render(request, "slo/form.html", {"form": form, "objective": objective}, status=status)
