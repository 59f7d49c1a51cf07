"""Instants as people read them, whose words follow the clock: all around the words is written once.

Each is a function of now, so that a line of a list that says the same as before need not be drawn again.
"""

from datetime import UTC, datetime, timedelta

from itsm.ui import figures
from itsm.ui.shapes import Shape, escaped

_WHEN = Shape('<time datetime="{}" title="{}">')
_LEFT = Shape('" data-left="{}" title="{}">')
_AGE = Shape('<span title="{}">')
_AGE_CELL = Shape('<td class="{}" title="{}">')


class Moving:
    """Markup that is safe to show, at a moment."""

    __slots__ = ("_instant", "_written")
    _instant: datetime
    _written: str

    def __call__(self, now: datetime) -> str:
        raise NotImplementedError


class Ago(Moving):
    """How long ago, kept current by js/times.js; the exact instant with its zone on hover."""

    __slots__ = ()

    def __init__(self, instant: datetime) -> None:
        self._instant, self._written = instant, _WHEN(_stamp(instant), figures.exact(instant))

    def __call__(self, now: datetime) -> str:
        return f"{self._written}{escaped(figures.ago(self._instant, now))}</time>"


class Age(Moving):
    """How old, in one unit without words, for a narrow column; the exact instant on hover. `cell`: classes of the cell
    of a table that it is, by itself."""

    __slots__ = ("_ends",)

    def __init__(self, instant: datetime, *, cell: str = "") -> None:
        said = figures.exact(instant)
        self._instant, self._ends = instant, "" if cell else "</span>"
        self._written = _AGE_CELL(cell, said) if cell else _AGE(said)

    def __call__(self, now: datetime) -> str:
        return f"{self._written}{figures.age(self._instant, now)}{self._ends}"


class Left(Moving):
    """How long until then; marked once it is over or comes `soon`, by a sign too and not by colour alone."""

    __slots__ = ("_soon",)

    def __init__(self, instant: datetime, soon: timedelta) -> None:
        self._instant, self._soon = instant, soon
        self._written = _LEFT(_stamp(instant), figures.exact(instant))

    def __call__(self, now: datetime) -> str:
        instant, over = self._instant, self._instant <= now
        tone = " is-over" if over else " is-soon" if instant < now + self._soon else ""
        return f'<time class="left{tone}{self._written}{"!" if over else ""}{figures.left(instant, now)}</time>'


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
