"""The table behind the pictures: a column for each measure, each number a link to its rows."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from incidents.reports.queries.addresses import page_of
from incidents.reports.queries.desk import Line
from incidents.reports.queries.measures import Slice
from incidents.reports.queries.numbers import Number
from incidents.reports.queries.spreads import Spread
from incidents.reports.queries.texts import NOTHING, lasting, mean_of, percent
from incidents.reports.views.definitions import COLUMNS, Column
from incidents.reports.vocabulary import Measure

_ALWAYS = (Measure.OPENED, Measure.RESOLVED, Measure.BACKLOG, Measure.MTTA, Measure.MTTR, Measure.SLA_MET)


def shown(*totals: Line | None) -> list[Column]:
    """The columns that count anything in one of these lines, and those that everybody looks for."""
    return [
        column
        for column in COLUMNS
        if column.measures[0] in _ALWAYS
        or any(line.cells[one].number.number for line in totals if line is not None for one in column.measures)
    ]


def table(total: Line, lines: Sequence[Line], columns: Sequence[Column], only: str) -> dict[str, Any]:
    """Rows of cells in the order of the columns; `all` is the last one."""
    return {
        "rows": [{"name": line.name or _("none"), "cells": _cells(line, columns, only)} for line in lines],
        "all": _cells(total, columns, only),
    }


def _cells(line: Line, columns: Sequence[Column], only: str) -> list[dict[str, Any]]:
    return [{"head": column.head, **_cell(line, column.measures, only)} for column in columns]


def _cell(line: Line, measures: tuple[Measure, ...], only: str) -> dict[str, Any]:
    first = line.cells[measures[0]]
    links = [
        {"number": line.cells[one].number.number, "url": address(line.cells[one].rows, only), "is": str(one.label)}
        for one in measures
    ]
    share, number = line.share(measures[0]), first.number
    return {
        "links": links,
        "share": percent(*share) if share else "",
        "events": number.events if measures[0] in _WITH_EVENTS and number.events != number.number else None,
        "time": _time(measures[0], number),
        "why": _why(number.by_calendar, number.wall) if number.wall else "",
    }


_WITH_EVENTS = (Measure.REOPENED, Measure.REASSIGNED, Measure.ESCALATED)


def _time(measure: Measure, number: Number) -> str:
    """How long: by the calendar and on the clock, or what was worked."""
    if measure == Measure.TIME_WORKED and number.events is not None:
        return lasting(60 * number.events)
    return f"{mean_of(number.by_calendar)} / {mean_of(number.wall)}" if number.wall else ""


def _why(by_calendar: Spread | None, wall: Spread | None) -> str:
    """Median and ninetieth percentile, for those who point at a mean."""
    parts = []
    for name, found in ((_("by the calendar"), by_calendar), (_("on the clock"), wall)):
        if found is not None and found.n:
            words = {"name": name, "mean": lasting(found.mean), "half": lasting(found.p50), "most": lasting(found.p90)}
            parts.append(_("%(name)s: mean %(mean)s, half within %(half)s, 90 %% within %(most)s") % words)
    return "; ".join(parts) or NOTHING


def address(asked: Slice, only: str) -> str:
    """The list of a number, with the terms that narrow the whole report."""
    return f"{page_of(asked)}{'&' + only if only else ''}"
