"""The page of the five measures, the rows behind each number, and these as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.services.queries import visible_services
from changes.dora import queries
from changes.dora.filters import Asked, asked, page_of
from changes.dora.queries.shapes import COLUMNS, row_shape
from changes.dora.views.pictures import Card, cards
from changes.dora.vocabulary import Because, Measure
from incidents.reports.filters import period_typed
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.replica import may_be_old
from itsm.ui.csv_answers import csv_answer

_MOST_SERVICES = 300


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("Reports are for people who work here."))


@login_required
@require_safe
@may_be_old
def report(request: HttpRequest) -> HttpResponse:
    """The last 90 days of one service unless a period is asked for."""
    actor, refusal, found, words = _reader(request), "", list[Card](), None
    services = list(visible_services(actor).values_list("slug", "name")[:_MOST_SERVICES])
    try:
        words = _asked(request)
        if words.slug:
            told = queries.dora(actor, queries.service_id(actor, words.slug), words.edges)
            found = cards(told, lambda measure, since, until: _rows_of(measure, words, since, until))
    except InvalidInput as error:
        refusal = error.detail
    context = {
        **_shown(request, words),
        "refusal": refusal,
        "services": services,
        "cards": found,
        "is_empty": not any(card.counted for card in found),
        "because": Because.choices,
    }
    return render(request, "changes/dora/report.html", context, status=400 if refusal else 200)


@login_required
@require_safe
@may_be_old
def rows(request: HttpRequest, measure: str) -> HttpResponse:
    """What a number counts, a hundred a page."""
    actor, name = _reader(request), _measure(measure)
    if not request.GET.get("service"):
        return redirect("changes:dora")  # which asks for one
    refusal, found, words, page = "", queries.Found([], 0), None, 1
    try:
        words, page = _asked(request), page_of(request.GET.dict())
        service = queries.service_id(actor, words.slug)
        found = queries.rows(actor, service, words.since, words.until, name, page)
    except InvalidInput as error:
        refusal = error.detail
    context = {
        **_shown(request, words),
        "refusal": refusal,
        "measure": name,
        "is_lead_time": name == Measure.LEAD_TIME,
        "found": found,
        "labels": dict(Because.choices),
        "page": page,
        "before": page - 1 if page > 1 else 0,
        "after": page + 1 if page * queries.PAGE < found.total else 0,
        "address": words and urlencode(_period(words)),
    }
    return render(request, "changes/dora/rows.html", context, status=400 if refusal else 200)


@login_required
@require_safe
def file(request: HttpRequest, measure: str) -> HttpResponseBase:
    """The same as a file, all of them."""
    actor, name = _reader(request), _measure(measure)
    if not request.GET.get("service"):
        return redirect("changes:dora")
    words = _asked(request)
    found = queries.all_rows(actor, queries.service_id(actor, words.slug), words.since, words.until, name)
    return csv_answer(f"{words.slug}-{name.value}", COLUMNS, _lines(found))


def _lines(found: Iterator[queries.Row]) -> Iterator[Sequence[Any]]:
    for row in found:
        shape = row_shape(row)
        yield [_cell(shape[column]) for column in COLUMNS]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _asked(request: HttpRequest) -> Asked:
    return asked(request.GET.dict(), timezone.now(), timezone.get_current_timezone())


def _measure(word: str) -> Measure:
    if word not in Measure.values:
        raise Http404
    return Measure(word)


def _period(words: Asked, since: datetime | None = None, until: datetime | None = None) -> dict[str, str]:
    return {
        "service": words.slug,
        "from": (since or words.since).isoformat(),
        "to": (until or words.until).isoformat(),
    }


def _rows_of(measure: Measure, words: Asked, since: datetime | None, until: datetime | None) -> str:
    return f"{reverse('changes:dora_rows', args=[measure.value])}?{urlencode(_period(words, since, until))}"


def _shown(request: HttpRequest, words: Asked | None) -> dict[str, Any]:
    zone, said = timezone.get_current_timezone(), request.GET
    return {
        "asked": words,
        "zone": str(zone),
        "slug": said.get("service", "")[:63],
        **period_typed(said, words, zone),
    }
