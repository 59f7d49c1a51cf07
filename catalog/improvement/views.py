"""The portfolio of improvements, and one of them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.improvement import operations, permissions, queries
from catalog.improvement.forms import EditImprovementForm, LinkToForm, NewImprovementForm, as_typed
from catalog.improvement.models import Improvement
from catalog.improvement.vocabulary import OPEN, Status
from catalog.improvement.workflow import WORKFLOW
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_permitted
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged
from itsm.ui.steps import offered, step_page
from itsm.work.linking import Linked, linked_to

step = step_page(WORKFLOW, queries.by_reference)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, gettext("Improvements are for people who work here."))


@login_required
def improvements(request: HttpRequest) -> HttpResponse:
    """Benefit against effort, and the same as a list; `?state=` shows one state."""
    actor = _reader(request)
    state = request.GET.get("state", "")
    known = queries.counts(actor)
    seen = queries.visible_improvements(actor)
    rows = seen.filter(status=state) if state in Status.values else seen.filter(status__in=OPEN)
    context = {
        "page": paged(rows, request.GET), "state": state if state in Status.values else "",
        "tabs": [(one.value, one.label, known[one.value]) for one in Status], "portfolio": queries.portfolio(actor),
        "open_count": sum(known[one] for one in OPEN), "may_propose": permissions.proposers(actor),
    }  # fmt: skip
    return render(request, "catalog/improvement/list.html", context)


@login_required
def improvement(request: HttpRequest, reference: str) -> HttpResponse:
    """What it is about, and how it stood before and after."""
    actor = _reader(request)
    return _page(request, queries.by_reference(actor, reference), actor)


def _offered(found: Improvement, actor: Actor, links: list[Linked]) -> list[tuple[Any, Any]]:
    return queries.offered_sources(actor, found.service, {one.record.reference for one in links})


def _page(
    request: HttpRequest, found: Improvement, actor: Actor, form: LinkToForm | None = None, status: int = 200
) -> HttpResponse:
    links = linked_to(found, actor)
    may_write = permissions.writers(actor, found) and found.status in OPEN
    if form is None and may_write:
        form = LinkToForm(_offered(found, actor, links))
    measure = queries.measure_of(found)
    change = found.after - found.before if found.after is not None and found.before is not None else None
    better = measure is not None and change is not None and change != 0 and (change < 0) == measure.fewer_is_better
    context = {
        "improvement": found, "steps": offered(found, actor, "improvements:step"), "measure": measure,
        "may_write": may_write, "links": links,
        "events": activity(found, timeline(found)), "link_form": form, "change": change, "is_better": better,
        "now": queries.value_now(found, timezone.now()) if found.status in OPEN else None,
    }  # fmt: skip
    return render(request, "catalog/improvement/improvement.html", context, status=status)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(
        request, permissions.proposers, gettext("Improvements are proposed by people who work here.")
    )
    services = visible_services(actor)
    form = NewImprovementForm(services, posted(request), initial=_begun(request, actor))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.propose_improvement(actor=actor, **form.said())
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/improvement/edit.html", {"form": form}, status=status)


def _begun(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What the form begins with: of a record (`?from=PRB-7`), or of what is measured (`?measure=`, `?service=`)."""
    if origin := request.GET.get("from", "")[:20]:
        return queries.begun_from(actor, origin)
    service = visible_services(actor).filter(slug=request.GET.get("service", "")[:63]).first()
    wanted = request.GET.get("measure", "")
    measure = next((one for one in queries.measures() if one.name == wanted), None)
    begun: dict[str, Any] = {"measure": wanted, "service": service.pk if service is not None else None}
    if measure is None:
        return {}
    said = {"measure": str(measure.label).lower(), "service": service}
    begun["title"] = gettext("Fewer %(measure)s: %(service)s") % said if service is not None else ""
    return begun


def _written(request: HttpRequest, reference: str) -> tuple[Actor, Improvement]:
    actor = _reader(request)
    found = queries.by_reference(actor, reference)
    if not permissions.writers(actor, found):
        raise NotPermitted(gettext("Its owner, who proposed it, service owners and change managers change it."))
    return actor, found


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    actor, found = _written(request, reference)
    form = EditImprovementForm(visible_services(actor), posted(request), initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_improvement(found, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/improvement/edit.html", {"form": form, "improvement": found}, status=status)


@login_required
@require_POST
def link(request: HttpRequest, reference: str) -> HttpResponse:
    """Name a record that it is about."""
    actor, found = _written(request, reference)
    form, status = LinkToForm(_offered(found, actor, linked_to(found, actor)), request.POST), 422
    if form.is_valid():
        with form_errors_from(form) as refused:
            operations.link(found, actor=actor, to=form.cleaned_data["to"])
            messages.success(request, gettext("It is linked."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return _page(request, found, actor, form, status)
