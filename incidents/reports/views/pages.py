"""What happened at the desk in a period, in numbers and pictures; each number opens exactly its rows."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.reports import operations, permissions, queries
from incidents.reports.filters import last_days, period, rows_asked
from incidents.reports.queries.desk import SHOWN, Cell
from incidents.reports.views.pictures import bars, columns
from incidents.reports.vocabulary import Group, Measure
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.csv_answers import file_answer
from itsm.ui.paging import at_most, paged

_USUAL_DAYS = 30
_MOST_COUNTED = 10_000
_MOST_BARS = 12


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not permissions.staff(actor):
        raise PermissionDenied
    return actor


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The last 30 days unless a period is asked for."""
    actor, zone, asked, refusal = _reader(request), _zone(), request.GET, ""
    shown = last_days(_USUAL_DAYS, timezone.now(), zone)
    group = Group(asked["by"]) if asked.get("by") in Group.values else Group.TEAM
    try:
        shown = period(asked, zone) if asked.get("from") or asked.get("to") else shown
    except InvalidInput as error:
        refusal = error.detail
    report = None if refusal else queries.desk(actor, shown, group, zone)
    context: dict[str, Any] = {
        "report": report,
        "refusal": refusal,
        "period": shown,
        "zone": str(zone),
        "from": asked.get("from") or _day(shown.since, zone),
        "to": asked.get("to") or _day(shown.until, zone),
        "group": group,
        "groups": Group.choices,
        "measures": [measure.label for measure in SHOWN],
    }
    if report is not None:
        context |= {
            "total": _linked(report.total.cells),
            "lines": [{"name": line.name, "cells": _linked(line.cells)} for line in report.lines],
            "volume": columns(report.buckets, to_rows),
            "ages": bars([(age.label, cell.number, to_rows(cell)) for age, cell in report.ages]),
            "by": bars(
                [(one.name or _("none"), one.cells[0].number, to_rows(one.cells[0])) for one in report.lines[:12]]
            ),
        }
    return render(request, "incidents/reports/desk.html", context, status=400 if refusal else 200)


def _opened(name: str, cell: Cell) -> tuple[str, int, str]:
    return name or _("none"), cell.number, to_rows(cell)


def _linked(cells: list[Cell]) -> list[dict[str, Any]]:
    return [{"number": cell.number, "url": to_rows(cell)} for cell in cells]


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).date().isoformat()


def to_rows(cell: Cell) -> str:
    """The address of the very rows that a number counts."""
    asked = cell.rows
    said = {"measure": asked.measure, "group": asked.group, "value": asked.value, "age": asked.age}
    for name, at in (("from", asked.period.since), ("to", asked.period.until)):
        said[name] = "" if at is None else at.isoformat()
    kept = {name: value for name, value in said.items() if value or (name == "value" and asked.group)}
    return f"{reverse('reports:rows')}?{urlencode(kept)}"


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    """The incidents behind one number."""
    actor = _reader(request)
    try:
        asked = rows_asked(request.GET, _zone())
    except InvalidInput as error:
        return render(request, "incidents/reports/rows.html", {"refusal": error.detail, "page": None}, status=400)
    found = queries.rows(actor, asked).defer("description", "resolution", "reason", "service__description")
    context = {
        "page": paged(found, request.GET),
        "number": at_most(found, _MOST_COUNTED),
        "measure": Measure(asked.measure).label,
        "asked": asked,
        "works_here": True,
    }
    return render(request, "incidents/reports/rows.html", context)


@login_required
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The incidents behind one number, as a file."""
    actor, asked = _reader(request), rows_asked(request.GET, _zone())
    parts = operations.export(
        lambda reader: queries.rows(reader, asked), actor=actor, form=form, asked=request.GET.dict()
    )
    return file_answer(f"incidents-{asked.measure}.{form}", operations.KINDS[form], parts)
