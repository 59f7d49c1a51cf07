"""Corrections of an objective: proposed with their effect in view, and decided by somebody else."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, render_partial
from slo.objectives import operations, permissions, queries
from slo.objectives.forms.corrections import CorrectionForm, PeriodForm, RemarkForm
from slo.objectives.models import Correction, Objective
from slo.objectives.queries.corrections import correction_by_id
from slo.objectives.workflow import CORRECTION, CorrectionStatus


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """The form by itself, or in a dialog of the objective's page, which htmx fills again where it is refused."""
    actor = actor_of(request)
    objective = _objective(actor, slug)
    form = CorrectionForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.propose_correction(objective, actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Proposed. The period counts until somebody else approves."))
            return _back(request, slug)
        status = refused.status
    in_dialog = bool(getattr(request, "htmx", False))
    context = {"objective": objective, "form": form, "in_dialog": in_dialog}
    title = _("Leave a period out of %(objective)s") % {"objective": objective.name}
    return render_partial(request, "slo/objectives/partials/correction_form.html", context, title=title, status=status)


@login_required
@require_POST
def effect(request: HttpRequest, slug: str) -> HttpResponse:
    """The budget before and after, for a period that is only being typed. Nothing is written."""
    objective = _objective(actor_of(request), slug)
    form = PeriodForm(request.POST)
    context: dict[str, Any] = {"form": form, "objective": objective}
    if form.is_valid():
        context |= _effect(objective, form.cleaned_data["starts_at"], form.cleaned_data["ends_at"])
    return render(request, "slo/objectives/partials/correction_effect.html", context)


@login_required
def effect_of_one(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a proposed correction would change, as of now."""
    correction = correction_by_id(actor_of(request), slug, pk)
    context = {"objective": correction.objective} | _effect(
        correction.objective, correction.starts_at, correction.ends_at
    )
    title = _("What %(reference)s would change") % {"reference": correction.reference}
    return render_partial(request, "slo/objectives/partials/correction_effect.html", context, title=title)


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, slug: str, pk: int, action: str) -> HttpResponse:
    """GET shows what will happen and asks for a remark; POST does it."""
    if action not in CORRECTION.operations:
        raise Http404
    actor = actor_of(request)
    correction = correction_by_id(actor, slug, pk)
    _check_may(actor, correction, action)
    form = RemarkForm(posted(request), initial={"version": correction.version})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            moved = CORRECTION.take(action, correction, actor=actor, at=timezone.now(), **form.cleaned_data)
            said = {"reference": moved.reference, "state": moved.get_status_display()}
            messages.success(request, _("%(reference)s: %(state)s") % said)
            return _back(request, slug)
        status = refused.status
    context = {
        "correction": correction, "objective": correction.objective, "form": form, "action": action,
        "label": CORRECTION.steps[action].label,
    }  # fmt: skip
    if action == "approve" and correction.status == CorrectionStatus.PROPOSED:
        context |= _effect(correction.objective, correction.starts_at, correction.ends_at)
    title = _("%(step)s %(reference)s") % {"step": context["label"], "reference": correction.reference}
    return render_partial(request, "slo/objectives/partials/correction_step.html", context, title=title, status=status)


def _objective(actor: Actor, slug: str) -> Objective:
    objective = queries.by_slug(actor, slug)
    if not permissions.proposers(actor, objective):
        raise NotPermitted(_("%(name)s may not propose corrections here.") % {"name": actor.name})
    return objective


def _check_may(actor: Actor, correction: Correction, action: str) -> None:
    taken = CORRECTION.steps[action]
    if not taken.who(actor, correction):
        raise NotPermitted(
            _("%(name)s may not take this step for %(reference)s: who proposed a correction does not decide it.")
            % {"name": actor.name, "reference": correction.reference}
        )


def _effect(objective: Objective, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    now = timezone.now()
    effect = operations.effect_of(objective, starts_at, ends_at, at=now)
    sides = {"before": effect.before, "after": effect.after}
    return {
        "effect": effect,
        "failed": {side: Decimal(budget.bad_in_window) / objective.unit for side, budget in sides.items()},
        "allowed": {side: budget.allowed for side, budget in sides.items()},
        "is_to_come": starts_at >= now,
    }


def _back(request: HttpRequest, slug: str) -> HttpResponse:
    """A dialog lies on the very page that should show the result: it loads anew."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return HttpResponseRedirect(f"{reverse('slo:detail', args=[slug])}#corrections")
