"""Pages of what platforms told: the log with replay, what waits for a mapping, what is mapped."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.environments.queries import choices
from catalog.services.queries import every_service
from changes.delivery import permissions
from changes.delivery.forms import RouteForm
from changes.delivery.models import DeploymentRoute, PlatformDelivery
from changes.delivery.operations import mapping
from changes.delivery.operations.receiving import body_of
from changes.delivery.queries import log as queries
from changes.delivery.vocabulary import DeliveryStatus
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted
from itsm.ui.paging import paged

MOST_SHOWN = 200_000  # characters of a body


def keeper(request: HttpRequest) -> Actor:
    return actor_permitted(
        request, permissions.keepers, _("Change managers and administrators keep the doors of platforms.")
    )


def tabs(here: str) -> dict[str, Any]:
    return {"here": here, "counts": queries.counts()}


@login_required
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Every webhook as it came, and what became of it."""
    keeper(request)
    tab = request.GET.get("state", "")
    page = paged(queries.log(tab), request.GET)
    context = {"page": page, "state": tab, "states": DeliveryStatus.choices, **tabs("log")}
    return render(request, "changes/delivery/log.html", context)


@login_required
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, to the letter."""
    keeper(request)
    found = get_object_or_404(PlatformDelivery.objects.select_related("source", "deployment__change"), pk=pk)
    text = body_of(found).decode("utf-8", "replace").replace("\x00", "")
    context = {
        "delivery": found, "text": text[:MOST_SHOWN], "is_new": found.status == DeliveryStatus.NEW,
        "may_discard": found.status in (DeliveryStatus.PARKED, DeliveryStatus.UNMAPPED),
    }  # fmt: skip
    return render(request, "changes/delivery/delivery.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it once more, or make nothing of it."""
    actor = keeper(request)
    found = get_object_or_404(PlatformDelivery, pk=pk)
    if word_posted(request, "how", "replay", "discard") == "replay":
        mapping.replay(found, actor=actor, at=timezone.now())
        messages.success(request, _("It is read once more."))
    else:
        mapping.discard(found, actor=actor, at=timezone.now())
        messages.success(request, _("Nothing is made of it."))
    return redirect_after_write(request, reverse("changes:delivery", args=[pk]))


@login_required
def unmapped(request: HttpRequest) -> HttpResponse:
    """What waits for somebody to say which service it is: one click says it, for what waits and what comes."""
    actor = keeper(request)
    form = RouteForm(posted(request))
    made, status = _mapped(request, actor, form)
    if made is not None:
        words = {"what": str(made), "service": made.service.name, "environment": made.environment}
        messages.success(request, _("%(what)s is %(service)s in %(environment)s from now on.") % words)
        return redirect_after_write(request, reverse("changes:unmapped"))
    context = {
        "form": form, "groups": queries.unmapped(), "environments": choices(),
        "services": list(every_service().order_by("name").values_list("pk", "name")), **tabs("unmapped"),
    }  # fmt: skip
    return render(request, "changes/delivery/unmapped.html", context, status=status)


@login_required
def routes(request: HttpRequest) -> HttpResponse:
    """What is mapped; and a new mapping, of what has not come yet."""
    actor = keeper(request)
    form = RouteForm(posted(request))
    made, status = _mapped(request, actor, form)
    if made is not None:
        messages.success(request, _("It is mapped from now on."))
        return redirect_after_write(request, reverse("changes:routes"))
    context = {"form": form, "page": paged(queries.routes(), request.GET, ("repository", "id")), **tabs("routes")}
    return render(request, "changes/delivery/routes.html", context, status=status)


def _mapped(request: HttpRequest, actor: Actor, form: RouteForm) -> tuple[DeploymentRoute | None, int]:
    """The mapping that was written; None, with a status, where the form is to be shown."""
    if request.method != "POST":
        return None, 200
    if not form.is_valid():
        return None, 422
    with form_errors_from(form) as refused:
        return mapping.map_deployments(actor=actor, at=timezone.now(), **form.cleaned_data), 302
    return None, refused.status


@login_required
@require_POST
def unmap(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mapping away."""
    actor = keeper(request)
    found = get_object_or_404(DeploymentRoute, pk=pk)
    mapping.unmap(found, actor=actor, version=version_posted(request))
    messages.success(request, _("What is told of it from now on waits for another mapping."))
    return redirect_after_write(request, reverse("changes:routes"))
