"""What a service promises, as a part of its page: agreements in their order, what was achieved, what it offers."""

from collections.abc import Sequence
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
from catalog.cmdb.queries.impact import services_felt
from catalog.cmdb.queries.items import by_reference
from catalog.engine.graph import State
from catalog.services.models import Service
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_permitted
from itsm.clocks import durations
from itsm.kernel.actors import Actor
from itsm.ui.htmx import render_partial

_VERDICTS = {True: (lazy("kept"), "green"), False: (lazy("broken"), "red"), None: (lazy("unknown"), "grey")}
_THOUSANDTH = Decimal("0.001")
_MOST_SERVICES = 5
_MOST_AGREEMENTS = 3  # of a service, in short


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


@login_required
def of_item(request: HttpRequest, reference: str) -> HttpResponse:
    """A part of the item's page: what the services promise and offer that feel it when it fails, for who works here."""
    actor = _reader(request)
    item = by_reference(actor, reference)
    felt = [one.slug for one in services_felt({item.pk: State.DOWN}, actor)]
    there = {one.slug: one for one in visible_services(actor).filter(slug__in=felt[: _MOST_SERVICES + 1])}
    found = [there[slug] for slug in felt if slug in there]
    context = {
        "lines": _in_short(actor, found[:_MOST_SERVICES]), "more": len(found) > _MOST_SERVICES, "item": item,
        "service": None,
    }  # fmt: skip
    title = _("What rests on %(item)s promises") % {"item": item.name}
    return render_partial(request, "catalog/agreements/partials/in_short.html", context, title=title, back=item)


@login_required
def in_short(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of records of a service: what it promises and offers, in a few lines, for who works here."""
    actor = _reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
    context = {"lines": _in_short(actor, [service]), "more": False, "item": None, "service": service}
    title = _("What %(service)s promises and offers") % {"service": service}
    return render_partial(request, "catalog/agreements/partials/in_short.html", context, title=title, back=service)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.agreement_readers, _("Agreements are for people who work here."))


def _in_short(actor: Actor, services: Sequence[Service]) -> list[dict[str, Any]]:
    """Of each the agreements that may hold, in the order in which they are asked, and what it offers now."""
    holding = queries.holding_for_each(services, timezone.now())
    offerings = queries.offered(actor, [one.pk for one in services])
    return [
        {
            "service": one, "agreements": [_row(each) for each in holding[one.pk][:_MOST_AGREEMENTS]],
            "others": max(0, len(holding[one.pk]) - _MOST_AGREEMENTS), "offerings": offerings.get(one.pk, ()),
        }
        for one in services
    ]  # fmt: skip


def _rounded(share: Decimal | None) -> str:
    """Rounded down: what was measured never looks better than it was."""
    return in_percent(None if share is None else (share * 100).quantize(_THOUSANDTH, ROUND_FLOOR) / 100)


@login_required
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """For who works here. The number of queries is fixed."""
    actor = _reader(request)
    service = get_object_or_404(visible_services(actor), slug=slug)
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
