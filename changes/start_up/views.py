"""The start-up of delivery: connect what measures, bring the past, see what the gate would have said, let it rule."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services.queries import visible_services
from changes.gate.sentence_texts import NAMES, STANDINGS
from changes.start_up import queries
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.ui.paging import paged

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


def _because(code: str) -> str:
    """A deciding reason in a few words: what its sentence names is not known of a past that nobody asked about."""
    state = code.removeprefix("budget_")
    if state != code and state in STANDINGS:
        return _("its budget: %(state)s") % {"state": STANDINGS[state]}
    return str(NAMES.get(code, code.replace("_", " ")))
