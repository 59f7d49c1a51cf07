"""The first objective, and what its source says now."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from itsm.setup.facts import OBJECTIVE
from itsm.setup.forms import (
    ADDRESS,
    PROMETHEUS,
    FirstObjectiveForm,
)
from itsm.setup.steps import SHOWN
from itsm.setup.trying import Tried, try_address, try_prometheus
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted
from slo.measuring import operations as measuring_operations
from slo.measuring.queries.listing import sources
from slo.objectives import operations as slo
from slo.objectives.queries.standing import in_force

if TYPE_CHECKING:
    from slo.models import DataSource, Objective


@login_required
def objective(request: HttpRequest) -> HttpResponse:
    """`look` asks the source and keeps nothing."""
    actor = setter(request)
    services = visible_services(actor)
    first = services.order_by("tier", "-id").first()
    initial = {"service": first.slug if first else ""}
    form = FirstObjectiveForm(services, sources(actor), posted(request), initial=initial)
    status, tried = 200, None
    if request.method == "POST" and form.is_valid():
        tried = _tried(form)
        if "look" not in request.POST:
            with form_errors_from(form) as refused:
                made = _set_objective(form, actor)
                messages.success(request, _("%(name)s holds from now on.") % {"name": made.name})
                return redirect("setup:objective")
            status = refused.status
    elif request.method == "POST":
        status = 422
    if getattr(request, "htmx", False):
        return render(request, "setup/partials/tried.html", {"tried": tried, "form": form})
    newest = in_force().order_by("-id")[:SHOWN]
    context = {"form": form, "tried": tried, "newest": newest, "has_services": first is not None}
    return stepped(request, OBJECTIVE, "setup/objective.html", context, status)


def _tried(form: FirstObjectiveForm) -> Tried | None:
    """Asked outside of any transaction; None for what nobody can ask."""
    said = form.cleaned_data
    if said["source"] == PROMETHEUS:
        queries = {name: said[name] for name in ("good_query", "total_query")}
        source: DataSource | str = said["data_source"] or said["server_url"]
        return try_prometheus(source, queries, timezone.now())
    return try_address(said["url"]) if said["source"] == ADDRESS else None


@transaction.atomic
def _set_objective(form: FirstObjectiveForm, actor: Any) -> "Objective":
    """Indicator and objective, both or neither."""
    said = form.cleaned_data
    indicator = measuring_operations.get_or_create_indicator(actor=actor, **form.definition())
    name = _("%(service)s is available") % {"service": said["service"].name}
    return slo.create_objective(
        actor=actor, at=timezone.now(), slug=form.slug("availability"), name=name[:120], service=said["service"],
        environment=said["environment"], target=said["target"], window_days=28, indicator=indicator,
    )  # fmt: skip


@login_required
@require_POST
def take_back_objective(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo: it is retired, and can be taken up again."""
    actor = setter(request)
    found = get_object_or_404(in_force(), slug=slug)
    kept = slo.retire_objective(found, actor=actor, version=found.version, at=timezone.now())
    if kept.awaits is not None:
        messages.info(request, _("It was measured already: a second person confirms that it goes."))
    else:
        messages.success(request, _("%(name)s is retired.") % {"name": found.name})
    return redirect("setup:objective")
