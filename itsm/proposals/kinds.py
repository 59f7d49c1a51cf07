"""What can be proposed: each kind is declared by the app that knows its record, in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict

from itsm.accounts import scopes
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict

T = TypeVar("T")


class Body(BaseModel):
    """What an agent says in a proposal of one kind; an unknown member is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=20_000)


@dataclass(frozen=True, slots=True)
class Draft:
    """One part, before it is kept. `before`, `value`: as REST has them; `stood`, `shown`: as people read them."""

    field: str
    label: str
    value: Any
    shown: str
    before: Any = None
    stood: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What accepting wrote: `changes` [before, after] by field, the record's `version` as it was left, `path`: where it
    is seen, "" for the record itself."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """`readers(actor)`: the records that the actor reads whole, so that they may read what is proposed of them;
    `deciders(actor)`: those of them that the actor may change. `drafts(record, body, eyes)`: the parts, InvalidInput
    where a value names nothing that the agent's owner may see, or nothing would change. `overtaken(record, part)`:
    why a part is not what it was proposed for any more, "" while it is. `write(record, values, actor, at)`: the
    person's own operation, with the values by field; it refuses as that operation does. `put_back`: takes a deed back,
    where its operation can. `hands_over`: accepting writes nothing, it gives the draft to the person, who sends it.
    `whole`: its parts are decided together. `scope`: what a person's token needs for it. `names(part)`: the reference
    of another record whose title stands in the part's words; who may not see that one reads the reference alone.
    """

    name: str
    title: Any
    description: str
    record_kind: str
    prefix: str
    body: type[Body]
    readers: Callable[[Actor], "QuerySet[Any]"]
    deciders: Callable[[Actor], "QuerySet[Any]"]
    drafts: Callable[[Any, Any, Actor], Sequence[Draft]]
    overtaken: Callable[[Any, Any], str]
    write: Callable[[Any, Mapping[str, Any], Actor, datetime], Written]
    put_back: Callable[[Any, Mapping[str, Any], int, Actor], None] | None = None
    hands_over: bool = False
    whole: bool = False
    scope: str = scopes.INCIDENTS_WRITE
    names: Callable[[Any], str] | None = None


def done(record: T) -> T:
    """What an operation returned, where it did it. A word that only asked a second person is no accepted proposal:
    Conflict, so that nothing of it is kept and the proposal waits as before. `write` passes what it got through this.
    """
    waits = getattr(record, "awaits", None)
    if waits is not None:
        raise Conflict(
            gettext("A second person confirms this first: ask for it on %(reference)s itself, and the proposal waits.")
            % {"reference": getattr(record, "reference", "")}
        )
    return record


_kinds: dict[str, ProposalKind] = {}


def register(kind: ProposalKind) -> None:
    """Declare a kind, once. Raises RuntimeError for a name that is taken."""
    if kind.name in _kinds:
        raise RuntimeError(f"the kind {kind.name} of proposals is declared twice")
    _kinds[kind.name] = kind


def every() -> tuple[ProposalKind, ...]:
    """All kinds, by name."""
    return tuple(_kinds[name] for name in sorted(_kinds))


def named(name: str) -> ProposalKind:
    """The kind of this name. KeyError where there is none."""
    return _kinds[name]
