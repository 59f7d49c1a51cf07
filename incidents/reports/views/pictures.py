"""Pictures as numbers of an SVG: bars, each of which opens its rows."""

from collections.abc import Callable, Sequence
from typing import Any

from incidents.reports.queries.desk import Bucket, Cell

WIDE, HIGH = 1000, 160


def columns(buckets: Sequence[Bucket], to_rows: Callable[[Cell], str]) -> dict[str, Any]:
    """Two columns for each bucket, opened beside resolved; `highest` is what the full height stands for."""
    highest = max((cell.number for one in buckets for cell in (one.opened, one.resolved)), default=0)
    step = WIDE / max(len(buckets), 1)
    found = []
    for place, one in enumerate(buckets):
        for beside, (kind, cell) in enumerate((("opened", one.opened), ("resolved", one.resolved))):
            high = HIGH * cell.number / highest if highest else 0
            found.append(
                {
                    "kind": kind,
                    "x": f"{place * step + step * (0.1 + 0.4 * beside):.2f}",
                    "y": f"{HIGH - high:.2f}",
                    "width": f"{step * 0.38:.2f}",
                    "height": f"{high:.2f}",
                    "number": cell.number,
                    "at": one.period.since,
                    "url": to_rows(cell),
                }
            )
    return {"columns": found, "highest": highest, "buckets": buckets}


def bars(lines: Sequence[tuple[Any, int, str]]) -> list[dict[str, Any]]:
    """A bar for each (name, number, address), as parts of a hundred of the longest."""
    longest = max((number for _name, number, _url in lines), default=0)
    return [
        {"name": name, "number": number, "url": url, "long": f"{100 * number / longest if longest else 0:.2f}"}
        for name, number, url in lines
    ]
