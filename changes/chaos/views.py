"""Pages of chaos experiments: the list, a new one, and what a change's page says of the experiment that it is."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.services.queries import visible_services
from changes.chaos import operations, permissions, queries
from changes.chaos.forms import AbortForm, ConcludeForm, ExperimentForm, ProblemForm
from changes.chaos.models import ChaosExperiment
from changes.chaos.operations.aborting import secret_of
from itsm.accounts.actors import actor_permitted
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial
from itsm.ui.paging import paged

_FORMS: dict[str, type[Form]] = {
    "abort": AbortForm, "stopped": Form, "conclude": ConcludeForm, "problem": ProblemForm,
}  # fmt: skip


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _("Experiments are for people who work here."))


@login_required
@require_safe
def experiments(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    actor = _reader(request)
    page = paged(queries.experiments(actor), request.GET)
    rows = [(one, queries.standing(one), queries.most_burned(one)) for one in page.rows]
    context = {"page": page, "rows": rows, "may_plan": permissions.askers(actor)}
    return render(request, "changes/chaos/experiments.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Plan one; the gate is asked at once, as about any change."""
    actor = actor_permitted(request, permissions.askers, _("Engineers, owners and change managers plan experiments."))
    form = ExperimentForm(visible_services(actor), posted(request), initial={"service": request.GET.get("service", "")})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.plan_experiment(form.planned(), actor=actor, at=timezone.now())
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "changes/chaos/new.html", {"form": form}, status=status)


@login_required
@require_safe
def of_change(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of a change's page."""
    actor = _reader(request)
    return _part(request, queries.experiment_called(actor, reference), actor)


@login_required
@require_POST
def step(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Stop it, say that it has stopped, conclude it, or open a problem for what it found."""
    actor = actor_permitted(
        request, permissions.stoppers, _("Who works here, and not only reads, stops experiments and concludes them.")
    )
    experiment = queries.experiment_called(actor, reference)
    if verb not in _FORMS:
        raise Http404
    form, status = _FORMS[verb](request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            _TAKEN[verb](experiment, actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, experiment.get_absolute_url())
        status = refused.status
    return _part(request, experiment, actor, status=status, refused=(verb, form))


_TAKEN: dict[str, Callable[..., object]] = {
    "abort": operations.abort, "stopped": operations.confirm_stopped, "conclude": operations.conclude,
    "problem": operations.open_finding,
}  # fmt: skip


def _part(
    request: HttpRequest,
    experiment: ChaosExperiment,
    actor: Actor,
    *,
    status: int = 200,
    refused: tuple[str, Form] | None = None,
) -> HttpResponse:
    """`refused`: the form that was, which is shown open with what was typed."""
    abort, stands = queries.abort_of(experiment), queries.standing(experiment)
    concludes = permissions.concluders(actor, experiment)
    forms = {name: shape() for name, shape in _FORMS.items()} | dict([refused] if refused else [])
    context: dict[str, Any] = {
        "experiment": experiment,
        "change": experiment.change,
        "standing": stands,
        "abort": abort,
        "why": queries.why_in_words(abort) if abort else "",
        "burns": queries.burn_rows(experiment),
        "problem": queries.problem_seen(experiment, actor),
        "secret": secret_of(experiment) if queries.is_planner(experiment, actor) else "",
        "may_abort": stands == "running" and permissions.stoppers(actor),
        "may_confirm": stands == "stopping" and permissions.witnesses(actor, experiment),
        "may_conclude": stands in ("over", "stopped") and concludes,
        "may_find": bool(experiment.finding) and experiment.problem_id is None and concludes,
        "abort_form": forms["abort"],
        "conclude_form": forms["conclude"],
        "problem_form": forms["problem"],
        "refused": refused[0] if refused else "",
    }
    title = _("The experiment of %(reference)s") % {"reference": experiment.reference}
    return render_partial(
        request, "changes/chaos/of_change.html", context, title=title, back=experiment.change, status=status
    )
