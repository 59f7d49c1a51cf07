"""What a service promises, as a part of its page: agreements in their order, what was achieved, what it offers."""

from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.agreements import permissions, queries
from catalog.agreements.models import METRIC_WORDS, METRICS
from catalog.agreements.queries.achieved import achieved
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.clocks import durations
from itsm.kernel.errors import NotPermitted
from itsm.ui.htmx import render_partial

_VERDICTS = {True: (lazy("kept"), "green"), False: (lazy("broken"), "red"), None: (lazy("unknown"), "grey")}
_THOUSANDTH = Decimal("0.001")


def in_percent(share: Decimal | None) -> str:
    """A promised share for people, exact; a dash where none is promised."""
    return "–" if share is None else f"{(share * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%"


def measured_of(service_id: int, promised: Decimal) -> list[dict[str, Any]]:
    """Each objective of the service with what it measured and whether that keeps what is promised."""
    return [
        {
            "name": one.name, "url": one.url, "days": one.days, "until": one.until, "is_current": one.is_current,
            "share": _rounded(one.share), "verdict": _VERDICTS[one.keeps(promised)],
        }
        for one in achieved([service_id], timezone.now()).get(service_id, ())
    ]  # fmt: skip


def _rounded(share: Decimal | None) -> str:
    """Rounded down: what was measured never looks better than it was."""
    return in_percent(None if share is None else (share * 100).quantize(_THOUSANDTH, ROUND_FLOOR) / 100)


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """For who works here. The number of queries is fixed."""
    actor = actor_of(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    if not permissions.agreement_readers(actor):
        raise NotPermitted(_("Agreements are for people who work here."))
    rows = [_row(one) for one in queries.holding_for(service, timezone.now())]
    promised = max((row["share"] for row in rows if row["share"] is not None), default=None)
    context = {
        "service": service, "rows": rows, "metrics": [METRIC_WORDS[name] for name in METRICS],
        "achieved": measured_of(service.pk, promised) if promised is not None else [],
        "promised": in_percent(promised), "offerings": queries.visible_offerings(actor).filter(service=service),
        "may_offer": permissions.offering_keepers(actor, service),
        "may_agree": permissions.agreement_keepers(actor),
    }  # fmt: skip
    title = _("What %(service)s promises and offers") % {"service": service}
    return render_partial(request, "catalog/agreements/partials/for_service.html", context, title=title, back=service)


def _row(agreement: Any) -> dict[str, Any]:
    held = queries.newest_version(agreement)
    times = [
        (METRIC_WORDS[metric], durations.written(held.targets[metric]) if metric in held.targets else "–")
        for metric in METRICS
    ]
    return {
        "agreement": agreement,
        "times": times,
        "share": held.availability,
        "percent": in_percent(held.availability),
    }
