"""Lines of a list as they are sent: each drawn once for what its row says, however many read it.

A line shows nothing but the values of its row, in the reader's language and time zone, and instants whose words follow
the clock. So it is kept by these values, and is never out of date: an edit makes another row.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from incidents.incident.models import Incident
from itsm.ui.moving import Moving
from itsm.ui.shapes import Shape, escaped

# A cell: how it opens, and what it shows. They end where the next one begins, which HTML allows: fifty lines weigh a
# tenth of the page less.
Cells = Sequence[tuple[str, Callable[[Incident], Any]]]
# A line: what stands, and what moves with the clock.
Parts = tuple[str | Moving, ...]

_OPENS = Shape('<tr data-row="{}" data-v="{}" data-s="{}"{}>{}')
_GRAVE = SafeString(' class="is-grave"')
_PICK = Shape('<td class="pick"><input type="checkbox" aria-label="{}">')
# Of some kilobytes each, in each process.
MOST = 2000

_kept: dict[tuple[Any, ...], Parts] = {}


def drawn(row: Incident, cells: Cells, may_work: bool) -> Parts:
    """One line; who works here picks it by a box."""
    reference = row.reference
    grave = _GRAVE if row.is_grave and row.is_open else ""
    parts: list[str | Moving] = []
    written: str = _OPENS(reference, row.version, row.stamp, grave, _PICK(reference) if may_work else "")
    for opens, draw in cells:
        value = draw(row)
        if isinstance(value, Moving):
            parts += (f"{written}{opens}", value)
            written = ""
        else:
            written = f"{written}{opens}{_shown(value)}"
    return (*parts, f"{written}</tr>")


def at(now: datetime, parts: Iterable[str | Moving]) -> SafeString:
    """The line at that moment."""
    return SafeString("".join([one if type(one) is str else one(now) for one in parts]))  # type: ignore[operator]


def drawn_once(
    rows: Sequence[tuple[Any, ...]], read: Callable[[Any], Incident], how: tuple[Any, ...], cells: Cells, now: datetime
) -> list[SafeString]:
    """The lines of these rows. `how`: by what else, beside language and zone, a line is drawn; its second says whether
    there is a box; `read` makes a record of a row."""
    reader = (*how, get_language(), timezone.get_current_timezone(), get_script_prefix())
    found = []
    for row in rows:
        try:
            parts = _kept.get((reader, row))
        except TypeError:  # a list among its values
            parts = drawn(read(row), cells, how[1])
        if parts is None:
            parts = _keep((reader, row), drawn(read(row), cells, how[1]))
        found.append(at(now, parts))
    return found


def _keep(key: tuple[Any, ...], parts: Parts) -> Parts:
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[key] = parts
    return parts


def _shown(value: Any) -> str:
    """As a template would show it: numbers as the reader writes them, and nothing unescaped."""
    return escaped(value if isinstance(value, str) else localize(value))
