"""Pictures as numbers of an SVG: columns and bars, each of which opens its rows."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from incidents.reports.queries.desk import Cell, Desk, Line
from incidents.reports.queries.texts import percent
from incidents.reports.views.tables import address
from incidents.reports.vocabulary import Measure

WIDE, HIGH = 1000, 160
_MOST_BARS = 12


def drawn(report: Desk, only: str) -> dict[str, Any]:
    """What people would rather look at: volume, backlog and its age, what was in time, and by whom."""
    parts = report.over_time
    return {
        "volume": columns(parts, ((Measure.OPENED, "opened"), (Measure.RESOLVED, "resolved")), only),
        "backlog": columns(parts, ((Measure.BACKLOG, "backlog"),), only),
        "agreed": shares(parts, only),
        "ages": bars([(age.label, cell) for age, cell in report.ages], only),
        "by": bars([(line.name or _("none"), line.cells[Measure.OPENED]) for line in report.lines[:_MOST_BARS]], only),
    }


def columns(parts: Sequence[Line], kinds: Sequence[tuple[Measure, str]], only: str) -> dict[str, Any]:
    """Columns for each bucket, side by side; `highest` is what the full height stands for."""
    highest = max((line.cells[measure].number.number for line in parts for measure, _kind in kinds), default=0)
    step, beside = WIDE / max(len(parts), 1), 0.8 / len(kinds)
    found = []
    for place, line in enumerate(parts):
        for turn, (measure, kind) in enumerate(kinds):
            cell = line.cells[measure]
            high = HIGH * cell.number.number / highest if highest else 0
            left = place * step + step * (0.1 + beside * turn)
            found.append(_column(line, cell, kind, str(measure.label), left, step * beside * 0.95, high, only))
    return {"columns": found, "highest": highest, "parts": parts}


def _column(
    line: Line, cell: Cell, kind: str, label: str, left: float, wide: float, high: float, only: str, low: float = 0
) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": label,
        "x": f"{left:.2f}",
        "y": f"{HIGH - high - low:.2f}",
        "width": f"{wide:.2f}",
        "height": f"{high:.2f}",
        "number": cell.number.number,
        "at": line.period.since,
        "url": address(cell.rows, only),
    }


def shares(parts: Sequence[Line], only: str) -> dict[str, Any]:
    """One column a bucket: from below what was in time, on it what was late; full height is all of them."""
    step = WIDE / max(len(parts), 1)
    found, met, late = [], 0, 0
    for place, line in enumerate(parts):
        share = line.share(Measure.SLA_MET)
        if share is None:
            continue
        met, late = met + share[0], late + share[1] - share[0]
        high = HIGH * share[0] / share[1]
        left = place * step + step * 0.1
        for measure, kind, tall, low in (
            (Measure.SLA_MET, "met", high, 0.0), (Measure.SLA_BREACHED, "late", HIGH - high, high),
        ):  # fmt: skip
            found.append(
                _column(line, line.cells[measure], kind, str(measure.label), left, step * 0.8, tall, only, low)
            )
    whole = met + late
    return {"columns": found, "met": met, "late": late, "share": percent(met, whole) if whole else ""}


def bars(cells: Sequence[tuple[Any, Cell]], only: str) -> list[dict[str, Any]]:
    """A bar for each named cell, as parts of a hundred of the longest."""
    longest = max((cell.number.number for _name, cell in cells), default=0)
    return [
        {
            "name": name,
            "number": cell.number.number,
            "url": address(cell.rows, only),
            "long": f"{100 * cell.number.number / longest if longest else 0:.2f}",
        }
        for name, cell in cells
    ]
