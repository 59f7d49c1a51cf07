"""What happened at the desk in a period, in numbers and pictures; each number opens exactly its rows."""

from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.incident.filters import Reading, narrowed, terms_of
from incidents.incident.queries import listed
from incidents.reports import operations, permissions
from incidents.reports.filters import chosen, first_day_without, period
from incidents.reports.queries.desk import Desk
from incidents.reports.queries.desk import desk as desk_of
from incidents.reports.queries.periods import Period, spanned
from incidents.reports.queries.saved import narrowed_basis, visible_reports
from incidents.reports.views.definitions import COLUMNS
from incidents.reports.views.pictures import drawn
from incidents.reports.views.tables import shown, table
from incidents.reports.vocabulary import Group, Span
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.replica import may_be_old
from itsm.ui.csv_answers import file_answer


def reader_of(request: HttpRequest) -> Actor:
    """Who works here; NotPermitted for others."""
    return actor_permitted(request, permissions.staff, _("Reports are for people who work here."))


@login_required
@may_be_old
def desk(request: HttpRequest) -> HttpResponse:
    """The last 30 days unless a period is asked for."""
    actor, zone, asked = reader_of(request), timezone.get_current_timezone(), request.GET
    refusal, found, asked_for, group, span = "", None, spanned(Span.DAYS_30, timezone.now(), zone), Group.TEAM, ""
    try:
        group = chosen(asked, "group_by", Group, Group.TEAM)
        asked_for, span = _period(request, zone)
        basis = narrowed_basis(actor, asked.get("only", ""), timezone.now(), zone)
        found = desk_of(basis, asked_for, group, zone)
    except InvalidInput as error:
        refusal = error.detail
    context: dict[str, Any] = {
        "refusal": refusal,
        "period": asked_for,
        "zone": str(zone),
        "from": asked.get("from") or _day(asked_for.since, zone),
        "to": asked.get("to") or (first_day_without(asked_for.until, zone) if asked_for.until else ""),
        "span": span,
        "spans": Span.choices,
        "only": asked.get("only", ""),
        "group": group,
        "groups": Group.choices,
        "saved": visible_reports(actor)[:20],
        "may_keep": permissions.makers(actor),
        "keep": urlencode(
            {"query": asked.get("only", ""), "group_by": group.value, **({"span": span} if span else {})}
        ),
        **(_shown(found, asked.get("only", "")) if found is not None else {}),
    }
    return render(request, "incidents/reports/desk.html", context, status=400 if refusal else 200)


def _period(request: HttpRequest, zone: tzinfo) -> tuple[Period, str]:
    """What the address asks for, and its name where it has one. Two dates beat a name."""
    if request.GET.get("from") or request.GET.get("to"):
        return period(request.GET, zone), ""
    span = chosen(request.GET, "span", Span, Span.DAYS_30)
    return spanned(span, timezone.now(), zone), span.value


def _shown(found: Desk, only: str) -> dict[str, Any]:
    columns = shown(found.total, found.before)
    return {
        "report": found,
        "is_empty": not any(cell.number.number for cell in found.total.cells.values()),
        "columns": columns,
        "definitions": COLUMNS,
        "table": table(found.total, found.lines, columns, only),
        "before": table(found.before, [], columns, only) if found.before is not None else None,
        **drawn(found, only),
    }


def _day(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else at.astimezone(zone).date().isoformat()


@login_required
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The incidents of a list, by the terms of its address, as a file."""
    actor = reader_of(request)
    terms = terms_of((name, value) for name, values in request.GET.lists() for value in values if name != "tab")
    narrowed(listed(actor), terms, Reading.by(actor))  # refuses what it cannot read before anything is sent
    parts = operations.export(
        lambda reader: narrowed(listed(reader), terms, Reading.by(reader)),
        actor=actor, form=form, asked=request.GET.dict(),
    )  # fmt: skip
    return file_answer(f"incidents.{form}", operations.KINDS[form], parts)
