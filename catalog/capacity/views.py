"""What runs out first, one measure with its picture, adding and editing one."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.capacity import operations, permissions, queries
from catalog.capacity.filters import MeasureFilter
from catalog.capacity.forms import MeasureForm
from catalog.capacity.models import Measure
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.views.reading import reader
from catalog.services.queries import run_on, visible_services
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.kernel.references import reference as reference_of
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial, version_posted
from itsm.ui.paging import paged

_OF_SERVICE = 5  # of what a service runs on
_SHOWN_STEPS = 120  # of the past, in the picture


@login_required
def measures(request: HttpRequest) -> HttpResponse:
    """All of them, what runs out soonest first."""
    actor = reader(request)
    chosen = MeasureFilter(request.GET, queryset=queries.listed(actor), request=request)
    context = {
        "filter": chosen,
        "page": paged(chosen.qs, request.GET, queries.FIRST),
        "now": timezone.now(),
        "may_add": permissions.measure_authors(actor),
    }
    return render(request, "catalog/capacity/list.html", context)


@login_required
def measure(request: HttpRequest, slug: str) -> HttpResponse:
    actor = reader(request)
    found = _found(actor, slug)
    context = {
        "measure": found,
        "forecast": queries.newest_forecast(found),
        "warning": queries.open_warning(found),
        "may_keep": permissions.keepers(actor, found),
        "events": activity(found, timeline(found), []),
    }
    return render(request, "catalog/capacity/measure.html", context)


@login_required
def picture(request: HttpRequest, slug: str) -> JsonResponse:
    """Steps and bands for the chart: {actual: [[at, value]], bands, limit, unit}."""
    found = _found(reader(request), slug)
    forecast = queries.newest_forecast(found)
    steps = queries.folded(found, timezone.now())[-_SHOWN_STEPS:]
    return JsonResponse(
        {
            "actual": [[one.at.isoformat(), one.value] for one in steps],
            "bands": forecast.bands[: max(30, len(steps))] if forecast else [],
            "limit": found.limit,
            "unit": found.unit,
        }
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    if not permissions.measure_authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not add measures.") % {"actor_name": actor.name})
    form = MeasureForm(posted(request), actor=actor, initial={"ci": request.GET.get("ci", "")[:20]})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.add_measure(actor=actor, **form.said())
            messages.success(request, gettext("Push its points now; the first forecast comes with the night."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/capacity/form.html", {"form": form, "measure": None}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = reader(request)
    found = _keepable(actor, slug)
    form = MeasureForm(posted(request), actor=actor, measure=found)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_measure(found, actor=actor, version=form.cleaned_data["version"], **form.said())
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/capacity/form.html", {"form": form, "measure": found}, status=status)


@login_required
@require_POST
def forecast(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the forecast now instead of in the night."""
    actor = reader(request)
    found = _keepable(actor, slug)
    operations.forecast_measure(found, actor=actor, at=timezone.now())
    return redirect_after_write(request, found.get_absolute_url())


@login_required
@require_POST
def keep(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Retire it, or bring it back."""
    actor = reader(request)
    found = _found(actor, slug)
    if verb == "retire":
        operations.retire_measure(found, actor=actor, version=version_posted(request), at=timezone.now())
    else:
        operations.revive_measure(found, actor=actor, version=version_posted(request))
    return redirect_after_write(request, found.get_absolute_url())


def _found(actor: Actor, slug: str) -> Measure:
    return get_object_or_404(queries.listed(actor), slug=slug)


def _keepable(actor: Actor, slug: str) -> Measure:
    found = _found(actor, slug)
    if not permissions.keepers(actor, found):
        words = gettext("%(actor_name)s may not say what is watched of %(reference)s; its owner team may.")
        raise NotPermitted(words % {"actor_name": actor.name, "reference": found.ci.reference})
    return found


def as_lines(found: list[Measure]) -> list[dict[str, Any]]:
    """Measures of one thing, for its page: each with whether its limit lies within its lead."""
    now = timezone.now()

    def near(one: Any) -> bool:
        return one.soonest is not None and one.soonest <= now + timedelta(days=one.lead_days)

    return [{"measure": one, "near": near(one)} for one in found]


@login_required
def of_item(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the item's page: what is measured of it."""
    actor = reader(request)
    item = by_reference(actor, reference)
    found = list(queries.runs_out_first(actor, [item.pk])[:20])
    context = {"item": item, "lines": as_lines(found), "may_add": permissions.measure_authors(actor)}
    title = gettext("Capacity of %(item)s") % {"item": item.name}
    return render_partial(request, "catalog/capacity/partials/of_item.html", context, title=title, back=item)


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of the service's page: of what it runs on, and of itself, what runs out first."""
    actor = reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    found: list[Any] = list(queries.runs_out_first(actor, run_on([service.pk]))[: _OF_SERVICE + 1])
    context = {
        "service": service,
        "item": reference_of(PREFIX, service.pk),
        "lines": as_lines(found[:_OF_SERVICE]),
        "none_in_sight": bool(found)
        and all(one.made_at and not one.too_little for one in found)
        and not found[0].soonest,
        "more": len(found) > _OF_SERVICE,
        "may_add": permissions.measure_authors(actor),
    }
    title = gettext("Capacity of %(item)s") % {"item": service}
    return render_partial(request, "catalog/capacity/partials/for_service.html", context, title=title, back=service)
