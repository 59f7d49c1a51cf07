"""Pages of services."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from catalog.services import operations, permissions, queries
from catalog.services.filters import RequesterServiceFilter, ServiceFilter
from catalog.services.forms import EditServiceForm, NewServiceForm, as_typed
from catalog.services.models import Service
from catalog.services.queries.offered import offered_by
from catalog.services.queries.states import troubled
from catalog.services.vocabulary import ServiceState
from itsm.accounts import audiences
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.models import Team
from itsm.accounts.permissions import staff
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import at_most, paged

_ORDER = ("tier", "slug")
_TONES = {ServiceState.UP: "grey", ServiceState.DEGRADED: "amber", ServiceState.DOWN: "red"}
_MAX_IN_A_PICTURE = 40


@login_required
def services(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not staff(actor):
        return _for_requester(request, actor)
    chosen = ServiceFilter(request.GET, queryset=queries.listed(actor), request=request)
    context = {
        "filter": chosen,
        "page": paged(chosen.qs, request.GET, _ORDER),
        "count": at_most(chosen.qs),
        "teams": Team.objects.all(),
        "may_add": permissions.service_authors(actor),
    }
    return render(request, "catalog/services/list.html", context)


def _for_requester(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Names and states, in the order of names: the order by tier would tell the tier."""
    chosen = RequesterServiceFilter(request.GET, queryset=queries.visible_services(actor), request=request)
    page, felt = paged(chosen.qs, request.GET, ("name", "slug")), troubled(timezone.now())
    rows = [(one, _state(felt, one)) for one in page]
    context = {"filter": chosen, "page": page, "rows": rows, "count": at_most(chosen.qs)}
    return render(request, "catalog/services/list_for_requester.html", context)


@login_required
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    if not staff(actor):
        return _one_for_requester(request, actor, slug)
    service = get_object_or_404(queries.detailed(actor), slug=slug)
    may = {"may_edit": permissions.service_editors(actor, service)}
    seen_by = audiences.in_words(service.audience)
    state = _state(troubled(timezone.now()), service)
    context = {"service": service, "state": state, "seen_by": seen_by, **may, **_reach(actor, service)}
    context["depends_on"] = queries.dependencies_of([service.pk])[service.pk]
    return render(request, "catalog/services/detail.html", context)


def _state(felt: Mapping[int, ServiceState], service: Service) -> tuple[str, str]:
    """In words, with the colour that goes with them."""
    state = felt.get(service.pk, ServiceState.UP)
    return str(state.label), _TONES[state]


def _one_for_requester(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Name, description, state and offerings."""
    service = get_object_or_404(queries.visible_services(actor), slug=slug)
    context = {
        "service": service,
        "state": _state(troubled(timezone.now()), service),
        "offered": offered_by(actor, [service.pk]).get(service.pk, ()),
    }
    return render(request, "catalog/services/detail_for_requester.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(request, permissions.service_authors, gettext("%(actor_name)s may not add services."))
    form = NewServiceForm(Service.objects.visible_to(actor), posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            service = operations.create_service(actor=actor, **form.description_of_it())
            return redirect_after_write(request, reverse("catalog:detail", args=[service.slug]))
        status = refused.status
    return render(
        request,
        "catalog/services/form.html",
        {"form": form, "standard": permissions.standard_authorisers(actor)},
        status=status,
    )


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    service = get_object_or_404(queries.detailed(actor), slug=slug)
    if not permissions.service_editors(actor, service):
        raise NotPermitted(
            gettext("%(actor_name)s may not edit %(service_slug)s; its owner team may.")
            % {"actor_name": actor.name, "service_slug": service.slug}
        )
    others = Service.objects.visible_to(actor).exclude(pk=service.pk)
    form = EditServiceForm(others, posted(request), initial=as_typed(service))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            kept = operations.edit_service(service, actor=actor, **form.description_of_it(service))
            if kept.awaits is not None:
                return waits(request, kept.awaits)
            return redirect_after_write(request, reverse("catalog:detail", args=[slug]))
        status = refused.status
    return render(request, "catalog/services/form.html", {"form": form, "service": service}, status=status)


@login_required
def graph(request: HttpRequest, slug: str) -> JsonResponse:
    """The picture of what a service depends on and what depends on it."""
    actor = actor_permitted(request, staff, gettext("What depends on what is for people who work here."))
    service = get_object_or_404(queries.detailed(actor), slug=slug)
    return JsonResponse(_picture(service, _reach(actor, service)["reached"]))


def _reach(actor: Any, service: Service) -> dict[str, Any]:
    """Services that feel it when this one fails, nearest first: (service, how far, through which)."""
    found = sorted(queries.reached_from([service.pk]), key=lambda one: (one.depth, one.service_id))[:_MAX_IN_A_PICTURE]
    by_id = Service.objects.visible_to(actor).in_bulk([one.service_id for one in found])
    return {"reached": [(by_id[one.service_id], one) for one in found if one.service_id in by_id]}


def _picture(service: Service, reached: list[tuple[Service, Any]]) -> dict[str, Any]:
    arrows = queries.dependencies_of([service.pk])[service.pk]
    nodes = {service.pk: (service.name, service.slug), **{one.on_id: (one.on_name, one.on_slug) for one in arrows}}
    nodes |= {one.pk: (one.name, one.slug) for one, _how in reached}
    edges = [{"from": service.pk, "to": a.on_id, "group": a.redundancy} for a in arrows]
    edges += [{"from": one.pk, "to": how.path[0], "group": ""} for one, how in reached]
    return {
        "nodes": [
            {"id": pk, "label": name, "url": reverse("catalog:detail", args=[slug]), "here": pk == service.pk}
            for pk, (name, slug) in nodes.items()
        ],
        "edges": edges,
    }
