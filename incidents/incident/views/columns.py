"""The columns of the list: what each says of an incident, and what it reads for that."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from incidents.incident import permissions, queries
from incidents.incident.filters.typed import TYPED
from incidents.incident.models import Incident
from incidents.incident.views import lines
from itsm.fields import queries as fields
from itsm.fields import values
from itsm.fields.models import Field
from itsm.kernel.actors import Actor
from itsm.ui import colours
from itsm.ui.moving import Age, Ago, Left
from itsm.ui.shapes import Shape
from itsm.ui.templatetags import ui

_DASH = "\N{EN DASH}"
_TITLE = Shape('{}{}<a class="title" dir="auto" href="{}">{}</a>')
_MAJOR = Shape('<span class="tag tag-red tag-solid">{}</span> ')
_SPOKE = Shape('<span class="tag tag-blue">{}</span> ')
_SHOWS = {"assigned": "assigned_to"}  # what is called otherwise in the record


@dataclass(frozen=True, slots=True)
class Column:
    """`draw`: what a cell shows, escaped, or how it follows the clock (`Moving`). `css`: the classes of a cell.
    `reads`: columns of the table that it needs beside those of every line; it shows nothing else. `heading`: the short
    word above it, where the name is too long. `is_whole`: `draw` writes the cell as well."""

    name: str | Promise
    draw: Callable[[Incident], Any]
    css: str = "cut"
    reads: tuple[str, ...] = ()
    heading: str | Promise = ""
    is_whole: bool = False

    @property
    def opens(self) -> str:
        if self.is_whole:
            return ""
        return f'<td class="{self.css}">' if self.css else "<td>"


class Shown(NamedTuple):
    """The columns of one list for one reader. `reads`: what its query needs for them."""

    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    typed: tuple[Field, ...]
    reads: tuple[str, ...]

    def dress(self, rows: Iterable[Incident], actor: Actor) -> None:
        """Give each row its `line`, as it is sent: a template would take five times as long over 500 cells."""
        found = list(rows)
        names = fields.Names(actor, self.typed, [row.attributes for row in found] if self.typed else [])
        typed = {f"{TYPED}{one.key}": _typed(one, names) for one in self.typed}
        drawn = [typed.get(key, column) for key, column in zip(self.keys, self.columns, strict=True)]
        cells = [(one.opens, one.draw) for one in drawn]
        may_work, now = permissions.responders(actor), timezone.now()
        for row in found:
            row.line = lines.at(now, lines.drawn(row, cells, may_work))  # type: ignore[attr-defined]

    def lines(self, rows: Sequence[tuple[Any, ...]], read: Callable[[Any], Incident], actor: Actor) -> list[SafeString]:
        """The same of rows as the database gives them, which are not read where they say what one said before. Of
        typed fields it cannot be said: what they show lies in other rows."""
        if self.typed:
            raise ValueError("What a typed field shows is not in its row.")
        cells = [(one.opens, one.draw) for one in self.columns]
        may_work, now = permissions.responders(actor), timezone.now()
        return lines.drawn_once(rows, read, (self.keys, may_work), cells, now)

    @property
    def headings(self) -> tuple[tuple[str, str, bool], ...]:
        """What each column shows of the record, its word, and whether it stands over numbers."""
        if self.typed:
            return tuple(map(_heading, self.keys, self.columns))
        return _headings(self.keys, get_language())

    @property
    def are_many(self) -> bool:
        return len(self.columns) > len(USUAL)


def _heading(key: str, column: Column) -> tuple[str, str, bool]:
    return _SHOWS.get(key, key), str(column.heading or column.name), "num" in column.css.split()


@lru_cache(maxsize=500)
def _headings(keys: tuple[str, ...], _language: str | None) -> tuple[tuple[str, str, bool], ...]:
    return tuple(_heading(key, COLUMNS[key]) for key in keys)


def _due(row: Incident) -> Any:
    return Left(row.due_at, queries.SOON) if row.due_at else ""


def _title(row: Incident) -> SafeString:
    major = _MAJOR(_("Major")) if row.major else ""
    spoke = _SPOKE(_("caller spoke")) if row.caller_waits else ""
    return _TITLE(major, spoke, row.get_absolute_url(), row.title)


def _instant(name: str, row: Incident) -> Any:
    instant: datetime | None = getattr(row, name)
    return Ago(instant) if instant else ""


def _words(name: str, row: Incident) -> Any:
    value = getattr(row, name)
    return "" if value in (None, "") else colours.in_words(row, name)


def _other(name: str, row: Incident) -> Any:
    return getattr(row, name) or ""


def _number(name: str, row: Incident) -> Any:
    return getattr(row, name)


def _at(name: str, label: str | Promise) -> Column:
    return Column(label, partial(_instant, name), "num faint nowrap", (name,))


def _said(name: str, label: str | Promise) -> Column:
    return Column(label, partial(_words, name), "cut", (name,))


_PERSON = ("name", "username")


def _person(name: str, label: str | Promise) -> Column:
    return Column(label, partial(_other, name), "cut", tuple(f"{name}__{one}" for one in _PERSON))


COLUMNS: Mapping[str, Column] = {
    "due": Column(gettext_lazy("Due"), _due, "num"),
    "ref": Column(gettext_lazy("Reference"), lambda row: row.reference, "ref-cell", (), gettext_lazy("Ref")),
    "title": Column(gettext_lazy("Title"), _title, "wide"),
    "service": Column(gettext_lazy("Service"), lambda row: row.service or "", "cut"),
    "priority": Column(gettext_lazy("Priority"), ui.priority, "", (), gettext_lazy("Prio")),
    "state": Column(gettext_lazy("State"), ui.status_badge, ""),
    "team": Column(gettext_lazy("Queue"), lambda row: row.team, "cut"),
    "assigned": Column(
        gettext_lazy("Assigned to"), lambda row: row.assigned_to or _DASH, "cut", (), gettext_lazy("Who")
    ),
    "age": Column(gettext_lazy("Age"), lambda row: Age(row.opened_at, cell="num faint"), "num faint", is_whole=True),
    "caller": _person("caller", gettext_lazy("Caller")),
    "opened_by": _person("opened_by", gettext_lazy("Reported by")),
    "category": Column(gettext_lazy("Category"), partial(_other, "category"), "cut", ("category__path",)),
    "labels": Column(gettext_lazy("Labels"), lambda row: ", ".join(row.labels), "cut", ("labels",)),
    "channel": _said("channel", gettext_lazy("Channel")),
    "impact": _said("impact", gettext_lazy("Impact")),
    "urgency": _said("urgency", gettext_lazy("Urgency")),
    "waits_for": _said("hold_reason", gettext_lazy("Waits for")),
    "waits_until": _at("hold_until", gettext_lazy("Waits until")),
    "opened": _at("opened_at", gettext_lazy("Opened")),
    "updated": _at("updated_at", gettext_lazy("Last worked on")),
    "acknowledged": _at("acknowledged_at", gettext_lazy("Acknowledged")),
    "resolved": _at("resolved_at", gettext_lazy("Resolved")),
    "closed": _at("closed_at", gettext_lazy("Closed")),
    "outcome": _said("resolution_code", gettext_lazy("Outcome")),
    "reopened": Column(gettext_lazy("Reopened"), partial(_number, "reopened"), "num", ("reopened",)),
}
USUAL = ("due", "ref", "title", "service", "priority", "state", "team", "assigned", "age")
_PLAIN = Column("", lambda row: "")


def columns_for(actor: Actor) -> dict[str, Any]:
    """The names of all columns that this actor may choose, by key: the list's own, then the typed fields."""
    return {
        **{key: one.name for key, one in COLUMNS.items()},
        **{key: one.label for key, one in _fields(actor).items()},
    }


def _fields(actor: Actor) -> dict[str, Field]:
    return {f"{TYPED}{one.key}": one for one in fields.seen(Incident.kind, actor, works_here=permissions.staff(actor))}


def shown(actor: Actor, keys: Sequence[str]) -> Shown:
    """These columns, without those that are there no longer (a field was retired); none left: the usual ones."""
    typed = _fields(actor) if any(key.startswith(TYPED) for key in keys) else {}
    there = tuple(key for key in keys if key in COLUMNS or key in typed) or USUAL
    if "title" not in there:
        there = (*there, "title")  # it is how a row is opened
    columns = tuple(COLUMNS.get(key) or Column(typed[key].label, _PLAIN.draw) for key in there)
    asked = tuple(typed[key] for key in there if key in typed)
    reads = tuple(name for one in columns for name in one.reads)
    return Shown(there, columns, asked, (*reads, *(("attributes",) if asked else ())))


def _typed(field: Field, names: fields.Names) -> Column:
    return Column(field.label, lambda row: values.in_words(field, row.attributes.get(field.key), names))
