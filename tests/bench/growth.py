"""Growth as a picture: two small charts in SVG, drawn by hand so that they need nothing."""

from collections.abc import Sequence
from typing import Any

_WIDTH, _HEIGHT, _EDGE = 420, 220, 46
_COLOURS = ("#0b6e4f", "#b3541e")


def chart(figures: dict[str, Any]) -> str:
    """Milliseconds and megabytes by the number of objectives (28 days), and by days of history (1,000 objectives)."""
    rows = [*figures["growth"], figures]
    by_count = sorted((row for row in rows if row["days"] == 28), key=lambda row: row["objectives"])
    by_days = sorted((row for row in rows if row["objectives"] == 1000), key=lambda row: row["days"])
    parts = [
        _panel(
            0,
            0,
            "all windows, ms, by objectives",
            [(r["objectives"], r["evaluate_all_median"] * 1e3) for r in by_count],
        ),
        _panel(1, 0, "all windows, ms, by days", [(r["days"], r["evaluate_all_median"] * 1e3) for r in by_days]),
        _panel(0, 1, "table, MB, by objectives", [(r["objectives"], r["table_bytes"] / 1e6) for r in by_count]),
        _panel(1, 1, "table, MB, by days", [(r["days"], r["table_bytes"] / 1e6) for r in by_days]),
    ]
    size = f'width="{2 * _WIDTH}" height="{2 * _HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">{"".join(parts)}</svg>\n'


def _panel(column: int, row: int, title: str, points: Sequence[tuple[float, float]]) -> str:
    if not points:  # a small run has one size only
        return ""
    left, top = column * _WIDTH, row * _HEIGHT
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + _EDGE + x / most_x * (_WIDTH - 2 * _EDGE),
            top + _HEIGHT - _EDGE - y / most_y * (_HEIGHT - 2 * _EDGE),
        )

    placed = [(*place(x, y), x, y) for x, y in points]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y, _, _ in placed)
    colour = _COLOURS[row]
    marks = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="{colour}"/>'
        f'<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{shown:.0f}</text>'
        f'<text x="{x:.0f}" y="{top + _HEIGHT - _EDGE + 14}" text-anchor="middle" fill="#555">{at:g}</text>'
        for x, y, at, shown in placed
    )
    base = top + _HEIGHT - _EDGE
    return (
        f'<text x="{left + _EDGE}" y="{top + 20}" font-weight="bold">{title}</text>'
        f'<line x1="{left + _EDGE}" y1="{base}" x2="{left + _WIDTH - _EDGE}" y2="{base}" stroke="#999"/>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{marks}'
    )
