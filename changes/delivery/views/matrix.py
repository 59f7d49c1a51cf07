"""What runs where: all services by environment, and the versions of one."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.environments.queries import environments
from catalog.services.queries import visible_services
from changes.delivery import permissions
from changes.delivery.models import DeploymentEvent
from changes.delivery.queries import running
from changes.delivery.vocabulary import Result, Standing
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import render_partial
from itsm.ui.paging import paged

_TONES = {
    Result.STARTED.value: "blue", Result.SUCCEEDED.value: "green", Result.FAILED.value: "red",
    Result.ROLLED_BACK.value: "red", Result.CANCELLED.value: "grey",
}  # fmt: skip
_TROUBLES = {Standing.UNAUTHORISED.value: "red", Standing.BLIND.value: "amber", Standing.WAITING.value: "grey",
             Standing.SHADOW.value: "grey"}  # fmt: skip


class Cell(NamedTuple):
    """A deployment as it is drawn. `trouble`: the colour of a standing that people should see, or none."""

    event: DeploymentEvent
    name: str
    tone: str
    trouble: str
    runs: bool


def _cell(event: DeploymentEvent | None, running_ids: frozenset[int]) -> Cell | None:
    if event is None:
        return None
    trouble = _TROUBLES.get(event.standing, "")
    return Cell(event, running.called(event), _TONES[event.result], trouble, event.pk in running_ids)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Deployments are for people who work here."))


@login_required
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """One line for each service of which a deployment was told, a column for each environment."""
    actor, wanted = _reader(request), request.GET.get("q", "").replace("\0", "").strip()[:100]
    page = paged(running.services_deployed(actor, wanted), request.GET.dict(), ("name", "pk"))
    names = [one.name for one in environments()]
    found = running.places([one.pk for one in page], names)
    shown = [name for name in names if any(at == name for _service, at in found)]
    context = {
        "page": page,
        "environments": shown,
        "lines": [(one, [_place(found.get((one.pk, name))) for name in shown]) for one in page],
        "wanted": wanted,
    }
    return render(request, "changes/delivery/services.html", context)


@login_required
@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of one service by environment."""
    actor = _reader(request)
    one = get_object_or_404(visible_services(actor), slug=slug)
    return render(request, "changes/delivery/service.html", _matrix(actor, one))


@login_required
@require_safe
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, as part of the service's page: its newest versions."""
    actor = _reader(request)
    one = get_object_or_404(visible_services(actor), slug=slug)
    title = _("Deployments of %(service)s") % {"service": one.name}
    context = _matrix(actor, one, most=6)
    return render_partial(request, "changes/delivery/partials/for_service.html", context, title=title, back=one)


def _matrix(actor: Actor, one: Any, most: int = running.MOST_VERSIONS) -> dict[str, Any]:
    found = running.matrix(actor, one.pk)
    return {
        "service": one,
        "environments": found.environments,
        "versions": [
            (version, [_cell(version.at.get(name), found.running) for name in found.environments])
            for version in found.versions[:most]
        ],
        "more": max(0, len(found.versions) - most),
    }


def _place(place: running.Place | None) -> dict[str, Cell | None]:
    if place is None:
        return {"newest": None, "running": None}
    runs = frozenset([place.running.pk]) if place.running is not None else frozenset[int]()
    return {"newest": _cell(place.newest, runs), "running": _cell(place.running, runs)}
