"""Who measures an indicator, who may measure themselves, and what to do with samples in quarantine."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from itsm.accounts.actors import actor_of
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.ui.htmx import refusals_on, went_well
from slo.measuring import operations
from slo.measuring.forms.measurers import AllowanceForm, MeasurersForm, VersionForm
from slo.measuring.queries.measurers import quarantined
from slo.objectives import operations as objectives_operations
from slo.measuring import permissions
from slo.objectives import queries

_STEPS = {"release": objectives_operations.release_sample, "discard": objectives_operations.discard_sample}


@login_required
@require_http_methods(["GET", "POST"])
def measurers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who sends the measurements of an indicator; owners and change managers name them."""
    actor = actor_of(request)
    indicator = queries.indicators(actor).filter(slug=slug).first()
    if indicator is None:
        raise NotFound(_("There is no indicator %(slug)s, or you may not see it.") % {"slug": slug[:63]})
    if not permissions.measurer_namers(actor):
        raise NotPermitted(_("%(name)s may not name who measures; owners may.") % {"name": actor.name})
    named = "\n".join(one.account.username for one in indicator.measurers.all())
    form = MeasurersForm(request.POST or None, initial={"measurers": named})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            accounts = form.cleaned_data["measurers"]
            operations.name_measurers(indicator, actor=actor, accounts=accounts, at=timezone.now())
            messages.success(request, _("Named. Nobody else sends measurements from now on."))
            return went_well(request, reverse("slo:indicator", args=[slug]))
        status = refused.status
    return render(request, "slo/measuring/measurers.html", {"indicator": indicator, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def self_measuring(request: HttpRequest, slug: str) -> HttpResponse:
    """Allow in writing that who measures an objective gets automatic answers by it."""
    actor = actor_of(request)
    objective = queries.by_slug(actor, slug)
    if not permissions.allowers(actor, objective.service):
        raise NotPermitted(_("%(name)s may not allow this; the service's owners may.") % {"name": actor.name})
    form = AllowanceForm(request.POST or None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with refusals_on(form) as refused:
            operations.allow_self_measuring(objective, actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Allowed. It stands beside every answer that rests on it."))
            return went_well(request, reverse("slo:detail", args=[slug]))
        status = refused.status
    return render(request, "slo/measuring/self_measuring.html", {"objective": objective, "form": form}, status=status)


@login_required
@require_POST
def end_self_measuring(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    operations.end_self_measuring(queries.by_slug(actor, slug), actor=actor, at=timezone.now())
    messages.success(request, _("Ended. Their measurements alone lead to people again."))
    return went_well(request, reverse("slo:detail", args=[slug]))


@login_required
@require_POST
def quarantine_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Count a sample in quarantine, or discard it."""
    if action not in _STEPS:
        raise Http404
    actor = actor_of(request)
    sample = get_object_or_404(quarantined(actor), pk=pk)
    form = VersionForm(request.POST)
    form.is_valid()
    moved = _STEPS[action](sample, actor=actor, at=timezone.now(), version=form.read())
    said = {"reference": moved.reference, "state": moved.get_status_display()}
    messages.success(request, _("%(reference)s: %(state)s") % said)
    return went_well(request, reverse("slo:indicator", args=[sample.indicator.slug]))
