"""What an import left as strict as it was, and why, in words that pages and REST share."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.cmdb.models import CI, RelationType
from catalog.cmdb.queries.items import hidden_items
from catalog.reconciliation.models import Run
from catalog.reconciliation.vocabulary import Kept
from itsm.kernel.actors import Actor

WHY = {
    Kept.RELATION: gettext_lazy(
        "The source claims it no more. Its end could let a change through, so that it is not for who sent this to end"
        " it."
    ),
    Kept.SHARE: gettext_lazy(
        "The source says that fewer are enough. That could let a change through, so that it is not for who sent this to"
        " say."
    ),
    Kept.MEMBERS: gettext_lazy(
        "Of what has joined all are needed: that they stand in for others could let a change through, so that it is not"
        " for who sent this to say."
    ),
}


class Left(NamedTuple):
    """One thing. `item`: whose relation or group it is; `text`: what holds, in words; `why` it was left."""

    what: str
    item: CI
    text: str
    why: str | Promise


def told(run: Run, actor: Actor, most: int | None = None) -> list[Left]:
    """The first ones (all, where `most` is not given) of items of which the actor may know."""
    hidden = hidden_items(actor)
    rows = [row for row in run.kept if not hidden & {row["item"], row["other"]}][:most]
    items = CI.objects.in_bulk({one for row in rows for one in (row["item"], row["other"]) if one is not None})
    readings = {one.slug: str(one) for one in RelationType.objects.filter(slug__in=_types(rows))}
    return [
        Left(row["what"], items[row["item"]], _text(row, items, readings), WHY[Kept(row["what"])])
        for row in rows
        if row["item"] in items
    ]


def _types(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {row["type"] for row in rows if row["type"]}


def _text(row: dict[str, Any], items: dict[int, CI], readings: dict[str, str]) -> str:
    item, other = items[row["item"]], items.get(row["other"] or 0)
    if other is not None:
        said = {"item": item.reference, "reading": readings.get(row["type"], row["type"]), "other": other.reference}
        return _("%(item)s %(reading)s %(other)s") % said
    said = {"item": item.reference, "group": row["group"], "needs": row["needs"]}
    return _("%(item)s needs %(needs)s of the group %(group)s") % said
