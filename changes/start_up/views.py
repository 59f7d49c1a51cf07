"""The start-up of delivery: connect what measures, bring the past, see what the gate would have said, let it rule."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog.services.queries import visible_services
from changes.change.operations.shadowing import ask_shadow, end_shadow
from changes.change.permissions import shadow_keepers
from changes.change.queries.shadows import shadow_of, unused_in_shadow
from changes.gate.sentence_texts import NAMES, STANDINGS
from changes.start_up import queries
from changes.start_up.forms import ShadowForm
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.approvals.views import waits
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import paged

if TYPE_CHECKING:
    from catalog.models import Service

_TONES = {"smooth": "green", "escaped": "red", "friction": "amber", "stopped": "blue", "unknown": "grey"}


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("The start of delivery is for people who work here."))


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How far the company is, and of each service whether the gate may rule."""
    actor = _reader(request)
    return render(request, "changes/start_up/overview.html", {"start": queries.start(actor, timezone.now())})


@login_required
@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """The last 90 days of one service: each deployment, what would have been said of it, and how it went."""
    actor = _reader(request)
    found = get_object_or_404(visible_services(actor), slug=slug)
    page = paged(queries.answers_of(actor, slug, timezone.now()), request.GET)
    rows = [(one, _because(one.because), _TONES[one.quadrant]) for one in page.rows]
    return render(request, "changes/start_up/service.html", {"service": found, "page": page, "rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def shadow(request: HttpRequest, slug: str) -> HttpResponse:
    """For how long the gate only records; sent, it waits for a second person."""
    actor, found, now = _keeper(request, slug)
    form = ShadowForm(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        until = now + timedelta(days=form.cleaned_data["days"])
        with form_errors_from(form) as refused:
            reason = form.cleaned_data["reason"]
            return waits(request, ask_shadow(found, actor=actor, until=until, reason=reason, at=now))
        status = refused.status
    context = {"service": found, "form": form, "lasting": shadow_of(found.pk, now)}
    return render(request, "changes/start_up/shadow.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def enforce(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the gate rule from now on: what that takes back is said before."""
    actor, found, now = _keeper(request, slug)
    if request.method == "POST":
        end_shadow(found, actor=actor, at=now)
        return redirect_after_write(request, reverse("changes:start_up"))
    lasting = shadow_of(found.pk, now)
    if lasting is None:  # it rules already
        return redirect("changes:start_up")
    context = {"service": found, "lasting": lasting, "unused": unused_in_shadow(found.pk).count()}
    return render(request, "changes/start_up/enforce.html", context)


def _keeper(request: HttpRequest, slug: str) -> "tuple[Actor, Service, datetime]":
    actor = _reader(request)
    found = get_object_or_404(visible_services(actor), slug=slug)
    if not shadow_keepers(actor, found):
        raise NotPermitted(_("Owners of the service and change managers, people, say whether the gate rules."))
    return actor, found, timezone.now()


def _because(code: str) -> str:
    """A deciding reason in a few words: what its sentence names is not known of a past that nobody asked about."""
    state = code.removeprefix("budget_")
    if state != code and state in STANDINGS:
        return _("its budget: %(state)s") % {"state": STANDINGS[state]}
    return str(NAMES.get(code, code.replace("_", " ")))
