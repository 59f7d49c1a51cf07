"""Pages of routes, and the part of an incident's page that says who is called for it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from incidents.escalation import operations, permissions, queries
from incidents.escalation.forms import BenchForm, PresetForm, RouteForm, as_typed
from incidents.escalation.models import EscalationRoute
from incidents.incident.models import Incident
from incidents.incident.permissions import readers
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.ui.htmx import done_or_told, posted, redirect_after_write, render_partial, version_posted, word_posted


@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """The table, and a bench that says which route an incident would take now."""
    actor = actor_permitted(request, permissions.staff, _("Routes are for people who work here."))
    services = visible_services(actor).order_by("name")
    bench = BenchForm(actor, services, request.GET if "team" in request.GET else None)
    taken, was_asked = None, bench.is_bound and bench.is_valid()
    if was_asked:
        said = bench.cleaned_data
        taken = queries.route_for(
            service=said["service"] and said["service"].pk, team=said["team"].pk, urgency=said["urgency"],
            at=timezone.now(),
        )  # fmt: skip
    routes = list(queries.visible_routes(actor))
    ends = next((place for place, one in enumerate(routes, 1) if one.takes_everything), len(routes))
    context = {
        "routes": routes, "never_taken": {one.pk for one in routes[ends:]}, "may_keep": permissions.keepers(actor),
        "bench": bench, "was_asked": was_asked, "taken": taken,
    }  # fmt: skip
    return render(request, "incidents/escalation/routes.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = RouteForm(actor, visible_services(actor).order_by("name"), posted(request))

    def told(status: int) -> HttpResponse:
        return _drawn(request, form, None, status)

    if request.method != "POST":
        return told(200)
    to = reverse("escalation_routes:list")
    return done_or_told(request, form, lambda: operations.add_route(actor=actor, **form.said()), to, told)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = _found(actor, pk)
    form = RouteForm(actor, visible_services(actor).order_by("name"), posted(request), initial=as_typed(found))

    def told(status: int) -> HttpResponse:
        return _drawn(request, form, found, status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form,
        lambda: operations.edit_route(found, actor=actor, version=form.cleaned_data["version"], **form.said()),
        reverse("escalation_routes:list"), told,
    )  # fmt: skip


def _drawn(request: HttpRequest, form: RouteForm, route: EscalationRoute | None, status: int) -> HttpResponse:
    return render(request, "incidents/escalation/route_form.html", {"form": form, "route": route}, status=status)


@login_required
def preset(request: HttpRequest) -> HttpResponse:
    """Who is first for a service, in one of three ways."""
    actor = _keeper(request)
    form = PresetForm(actor, visible_services(actor).order_by("name"), posted(request))

    def told(status: int) -> HttpResponse:
        return render(request, "incidents/escalation/preset.html", {"form": form}, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form, lambda: operations.apply_preset(actor=actor, **form.cleaned_data),
        reverse("escalation_routes:list"), told,
    )  # fmt: skip


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One up or down, or out of the table."""
    actor = _keeper(request)
    found = _found(actor, pk)
    do = word_posted(request, "do", "up", "down", "remove")
    if do == "remove":
        operations.remove_route(found, actor=actor, version=version_posted(request))
        messages.success(request, _("That route is gone."))
    else:
        operations.move_route(found, actor=actor, position=found.position + (1 if do == "down" else -1))
    return redirect_after_write(request, reverse("escalation_routes:list"))


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """Who is called for an incident, and who would be."""
    actor = actor_of(request)
    incident = Incident.objects.visible_to(actor).filter(pk=number_in(reference, "INC") or 0).first()
    if incident is None or not readers(actor, incident):
        raise NotFound(_("There is no such incident."))
    context = {
        "incident": incident, "escalations": queries.escalations_of(incident),
        "pages": queries.pages_of(incident)[:20],
        "policy": queries.policy_for(incident, queries.urgency_of(incident), timezone.now()),
        "pages_somebody": queries.pages_somebody(incident),
    }  # fmt: skip
    title = _("Who is called for it")
    return render_partial(request, "incidents/escalation/for_incident.html", context, title=title, back=incident)


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.keepers, _("Which incidents page whom is said by managers and administrators.")
    )


def _found(actor: Actor, pk: int) -> EscalationRoute:
    found = queries.visible_routes(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such route."))
    return found
