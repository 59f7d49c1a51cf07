"""The typed fields of a record among its facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from itsm.fields import kinds, queries, values
from itsm.fields.models import Field
from itsm.fields.queries import Names
from itsm.fields.vocabulary import Type
from itsm.kernel.actors import Actor
from itsm.ui.activity import Delta

_WORDS_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with its value as people read it. `address`: of a link; `instant`: of a time."""

    field: Field
    words: str
    address: str = ""
    instant: datetime | None = None


def rows(record: Any, actor: Actor, *, works_here: bool) -> list[Fact]:
    """What the actor may see; for who only requests, what is filled in."""
    return rows_of(record.kind, record.attributes, actor, works_here=works_here)


def rows_of(owner: str, attributes: Mapping[str, Any], actor: Actor, *, works_here: bool) -> list[Fact]:
    """As `rows`, where the owner of the fields is not the kind of the record."""
    seen = queries.seen(owner, actor, works_here=works_here)
    shown = seen if works_here else [one for one in seen if attributes.get(one.key) is not None]
    names = Names(actor, shown, [attributes])
    return [_fact(one, attributes.get(one.key), names) for one in shown]


def tell(entries: Iterable[Any], owner: str, actor: Actor, *, works_here: bool) -> None:
    """Let a record's history say which of the fields that the actor may see were changed, and how (`told_also`)."""
    changed = [one for one in entries if isinstance(one.changes.get("attributes"), list)]
    if not changed:
        return
    seen = queries.seen(owner, actor, works_here=works_here)
    names = Names(actor, seen, [held or {} for one in changed for held in one.changes["attributes"]])
    for entry in changed:
        before, after = (held or {} for held in entry.changes["attributes"])
        entry.told_also = [
            Delta(one.label, *(_short(values.in_words(one, held.get(one.key), names)) for held in (before, after)))
            for one in seen
            if before.get(one.key) != after.get(one.key)
        ]


def _short(words: str) -> str:
    return Truncator(words).chars(_WORDS_LONGEST) or _("nothing")


def _fact(field: Field, kept: Any, names: Names) -> Fact:
    words = values.in_words(field, kept, names)
    address = words if field.type == Type.LINK and words.lower().startswith("https://") else ""
    return Fact(field, words, address, kinds.instant_in(kept) if field.type == Type.INSTANT else None)
