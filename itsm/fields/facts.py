"""The typed fields of a record among its facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsm.fields import kinds, queries, values
from itsm.fields.models import Field
from itsm.fields.queries import Names
from itsm.fields.vocabulary import Type
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Fact:
    """A field with its value as people read it. `address`: of a link; `instant`: of a time."""

    field: Field
    words: str
    address: str = ""
    instant: datetime | None = None


def rows(record: Any, actor: Actor, *, works_here: bool) -> list[Fact]:
    """What the actor may see; for who only requests, what is filled in."""
    seen = queries.seen(record.kind, actor, works_here=works_here)
    shown = seen if works_here else [one for one in seen if record.attributes.get(one.key) is not None]
    names = Names(actor, shown, [record.attributes])
    return [_fact(one, record.attributes.get(one.key), names) for one in shown]


def _fact(field: Field, kept: Any, names: Names) -> Fact:
    words = values.in_words(field, kept, names)
    address = words if field.type == Type.LINK and words.lower().startswith("https://") else ""
    return Fact(field, words, address, kinds.instant_in(kept) if field.type == Type.INSTANT else None)
