"""The history of an item in the words of who reads it: no keys, no slugs, no references that are not theirs to see."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from catalog.cmdb.models import CI, CIClass, History
from catalog.cmdb.queries.history import Shown
from catalog.cmdb.vocabulary import Status
from itsm.accounts.models import Team, User
from itsm.fields import kinds
from itsm.fields.models import Field
from itsm.fields.queries import Names, seen
from itsm.fields.values import in_words
from itsm.fields.vocabulary import Type
from itsm.kernel.actors import Actor

NOTHING = "\N{EN DASH}"
_ATTRIBUTES = "attributes."
_GROUP = "group:"
_RELATED = ("relation:", "related:")


class Words:
    """Values of some rows, as a reader may see them. A few queries, however many rows there are."""

    def __init__(self, actor: Actor, item: CI, rows: Sequence[History]) -> None:
        self._shown = Shown(actor, rows)
        self._fields = {f"{_ATTRIBUTES}{one.key}": one for one in seen(item.ci_class.owner, actor, works_here=True)}
        said = _by_key(rows)
        self._pointing = Names(actor, self._fields.values(), _records(rows))
        self._named: dict[str, Mapping[Any, str]] = {
            "status": {value: str(label) for value, label in Status.choices},
            "ci_class": {one.slug: str(one) for one in CIClass.objects.filter(slug__in=said.get("ci_class", ()))},
            "owner": {one.username: str(one) for one in User.objects.filter(username__in=said.get("owner", ()))},
        }
        teams = Team.objects.filter(slug__in={*said.get("team", ()), *said.get("support_team", ())})
        self._named["team"] = self._named["support_team"] = {one.slug: one.name for one in teams}

    def label(self, row: History) -> str:
        """What the class calls the field of a row; "" for what is none of its fields."""
        field = self._fields.get(row.key)
        return "" if field is None else field.label

    def value(self, row: History, value: Any) -> str:
        """One of the two values of a row, on one line; a dash where there is none."""
        if value is None or value in ("", [], {}):
            return NOTHING
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if row.key.startswith(_RELATED):
            return _how_many(value) if isinstance(value, int) else self._shown.named(value)
        if row.key.startswith(_GROUP) and isinstance(value, dict):
            return _of_group(value)
        if (field := self._fields.get(row.key)) is not None:
            return _of_field(field, value, self._pointing)
        if isinstance(value, list):
            return ", ".join(" = ".join(map(str, one)) if isinstance(one, list) else str(one) for one in value)
        return self._named.get(row.key, {}).get(value, str(self._shown.value(value)))


def _how_many(items: int) -> str:
    return ngettext("%(n)d item", "%(n)d items", items) % {"n": items}


def _of_group(asked: Mapping[str, int]) -> str:
    """How many of a group are enough."""
    share, whole = asked.get("needs_share"), asked.get("whole_below")
    enough = str(asked.get("needs", NOTHING)) if share is None else f"{share}\N{NARROW NO-BREAK SPACE}%"
    words = gettext("%(enough)s are enough") % {"enough": enough}
    return words if whole is None else gettext("%(enough)s, whole from %(whole)d") % {"enough": words, "whole": whole}


def _of_field(field: Field, value: Any, names: Names) -> str:
    if field.type == Type.INSTANT and (moment := kinds.instant_in(value)) is not None:
        return date_format(localtime(moment), "j M Y H:i")
    if field.type == Type.DATE and isinstance(value, str):
        try:
            return date_format(date.fromisoformat(value), "j M Y")
        except ValueError:
            return value
    return in_words(field, value, names)


def _by_key(rows: Iterable[History]) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for row in rows:
        found.setdefault(row.key, set()).update(one for one in (row.before, row.after) if isinstance(one, str))
    return found


def _records(rows: Iterable[History]) -> list[dict[str, Any]]:
    """Each value of a field as if it stood in a record, for whoever looks up what it points to."""
    return [
        {row.key.removeprefix(_ATTRIBUTES): value}
        for row in rows
        if row.key.startswith(_ATTRIBUTES)
        for value in (row.before, row.after)
    ]
