"""Parts for pages of other apps: may I deploy, what changed here, what may have caused this."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.cmdb.queries.changed import hidden_among, living, services_among, shown
from catalog.cmdb.queries.impact import with_ways
from catalog.cmdb.queries.items import by_reference as item_called
from catalog.cmdb.queries.items import named_in
from catalog.services.queries import reached_from, visible_services
from changes.change import permissions
from changes.change.forms import ImpactedForm
from changes.change.models import Change
from changes.change.operations.affected import MOST_ITEMS
from changes.change.operations.impact import add_impacted, remove_impacted, take_impact
from changes.change.operations.planning import require_planner
from changes.change.queries import listing, pages
from changes.change.queries.explanation import explanation
from changes.change.queries.impact import impact_of, newly_impacted
from changes.change.queries.probing import probe as ask_probe
from changes.change.queries.probing import program_called
from changes.change.workflow import OVER
from incidents.incident.queries import by_reference
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, redirect_after_write, render_partial, word_posted

_LONGEST = 700  # fifty references and what stands between them


@login_required
def probe(request: HttpRequest, slug: str) -> HttpResponse:
    """May I deploy now? Reads only: nothing is opened, kept or reserved."""
    actor = actor_permitted(request, permissions.staff, _("What the gate would say is for people who work here."))
    service = get_object_or_404(visible_services(actor).select_related("team"), slug=slug)
    now, asker = timezone.now(), program_called(request.GET.get("asker", ""), actor)
    kinds = ("standard", "normal")
    asked = {name: ask_probe(service, actor=actor, at=now, change_class=name, asker=asker) for name in kinds}
    context = {
        "service": service,
        "answers": [(name, said, explanation(said)) for name, said in asked.items()],
        "now": now,
        "base_url": settings.BASE_URL,
        "may_ask": permissions.askers(actor),
    }
    title = _("May I deploy %(service)s now?") % {"service": service}
    return render_partial(request, "changes/change/partials/probe.html", context, title=title)


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    context = {"service": service, "changes": pages.recent_on(actor, service.pk), "may_ask": permissions.askers(actor)}
    title = _("Changes of %(service)s") % {"service": service}
    return render_partial(request, "changes/change/partials/for_service.html", context, title=title, back=service)


@login_required
def for_item(request: HttpRequest, reference: str) -> HttpResponse:
    """The changes that name an item, or are linked to it."""
    actor = actor_permitted(request, permissions.staff, _("What changed an item is for people who work here."))
    item = item_called(actor, reference)
    context = {"item": item, "changes": pages.of_item(actor, item), "may_ask": permissions.askers(actor)}
    title = _("Changes of %(item)s") % {"item": item.name}
    return render_partial(request, "changes/change/partials/for_item.html", context, title=title, back=item)


@login_required
def impacted(request: HttpRequest, reference: str) -> HttpResponse:
    """The items that a change names, and the services that would feel it if what it changes failed, by state."""
    actor = actor_permitted(request, permissions.staff, _("What a change reaches is for people who work here."))
    return _impacted(request, listing.by_reference(actor, reference), actor)


def _impacted(
    request: HttpRequest, change: Change, actor: Actor, form: ImpactedForm | None = None, status: int = 200
) -> HttpResponse:
    items = living(change.items)
    changed = [change.service_id, *items]
    in_reach = set(services_among([*(one.service_id for one in reached_from(changed)), *changed]))
    found = impact_of(change, actor)
    felt = with_ways(found.now, actor)
    context = {
        "change": change,
        "items": shown(items, hidden_among(actor, items)),
        "services": [(one, way, one.slug in in_reach) for one, way in felt],
        "impact": found,
        "may_refresh": change.status not in OVER and permissions.planners(actor, change),
        "form": form or ImpactedForm(visible_services(actor)),
    }
    title = _("Impacted by %(reference)s") % {"reference": change.reference}
    return render_partial(
        request, "changes/change/partials/impacted.html", context, title=title, status=status, back=change
    )


@login_required
@require_POST
def refresh_impact(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep whom it would hit as things stand now."""
    actor = actor_permitted(request, permissions.staff, _("What a change reaches is for people who work here."))
    change = listing.by_reference(actor, reference)
    take_impact(change, actor=actor, at=timezone.now())
    return redirect_after_write(request, f"{change.get_absolute_url()}#impacted")


@login_required
@require_POST
def impacted_by_hand(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a service that would feel it though nothing tells of it, or take it off again (`how`: add, remove)."""
    actor = actor_permitted(request, permissions.staff, _("What a change reaches is for people who work here."))
    change = listing.by_reference(actor, reference)
    require_planner(change, actor)
    form, status = ImpactedForm(visible_services(actor), request.POST), 422
    write = {"add": add_impacted, "remove": remove_impacted}[
        word_posted(request, "how", "add", "remove", otherwise="add")
    ]
    if form.is_valid():
        with form_errors_from(form) as refused:
            write(change, actor=actor, service=form.cleaned_data["service"])
            return redirect_after_write(request, f"{change.get_absolute_url()}#impacted")
        status = refused.status
    return _impacted(request, change, actor, form, status)


@login_required
def newly(request: HttpRequest) -> HttpResponse:
    """Who would feel it because of the items that are about to be named: asked while one types."""
    actor = actor_permitted(request, permissions.staff, _("What a change reaches is for people who work here."))
    service = visible_services(actor).filter(slug=request.GET.get("service", "")[:80].replace("\0", "")).first()
    had, named = (named_in(actor, request.GET.get(name, "")[:_LONGEST])[:MOST_ITEMS] for name in ("had", "items"))
    found = newly_impacted(service.pk, had, [*had, *named], actor) if service is not None else []
    context = {"service": service, "services": with_ways(found, actor)}
    return render_partial(request, "changes/change/partials/newly_impacted.html", context, title=_("Newly impacted"))


@login_required
def for_incident(request: HttpRequest, reference: str) -> HttpResponse:
    actor = actor_of(request)
    incident = by_reference(actor, reference)
    context = {
        "incident": incident,
        "changes": pages.near_incident(actor, incident.service_id, incident.opened_at),
        "may_ask": permissions.askers(actor),
    }
    title = _("Changes before %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "changes/change/partials/for_incident.html", context, title=title, back=incident)
