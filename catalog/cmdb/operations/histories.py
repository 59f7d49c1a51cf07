"""What an edit leaves in the history of an item: a row per key, accounted for or not."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from catalog.cmdb.models import CI, History, Relation
from catalog.cmdb.queries.covers import covering
from catalog.engine.precedence import PEOPLE
from catalog.environments.queries import is_production
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput

# What an item is in production; words about it (its description, whose it is) are nobody's change.
_TRACKED = frozenset({"status", "environment", "ci_class", "name"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an edit comes from: `source` is `people` or a source of an import, with its `run`.

    `change`: the reference of the change that the editor names. `why`: in the editor's words.
    """

    source: str = PEOPLE
    run: int | None = None
    change: str = ""
    why: str = ""


BY_HAND = Origin()
_coming_from: ContextVar[Origin] = ContextVar("where news of services comes from", default=BY_HAND)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """What is done to services inside is history of this origin: their operations know nothing of sources."""
    token = _coming_from.set(origin)
    try:
        yield
    finally:
        _coming_from.reset(token)


def origin_of_news() -> Origin:
    """Where news of services comes from just now; people, unless `coming_from` says so."""
    return _coming_from.get()


def record(
    item: CI,
    edits: Mapping[str, tuple[Any, Any]],
    *,
    actor: Actor,
    at: datetime,
    origin: Origin = BY_HAND,
    tied: bool = False,
) -> list[History]:
    """Keep what went from what to what, by key, in the caller's transaction.

    An edit of what is tracked in production is accounted for by a change that covers it, or that the editor names; a
    program that discovers things never accounts for itself. A value of which nobody had said anything, and that an
    import is the first to know, is learned, not changed. Nothing is blocked. `tied`: the change that covers it is
    kept also where none is needed. InvalidInput where the named change does not cover it.
    """
    if not edits:
        return []
    tracked = {key for key in edits if _is_tracked(key)} if in_production(item) else set()
    reference = covering(item, at, origin.change) if tracked or tied or origin.change else ""
    if origin.change and reference != origin.change:
        words = gettext("%(change)s covers no edit of this item now.") % {"change": origin.change[:20]}
        raise InvalidInput.about("change", words)
    rows = [
        History(
            ci=item, key=key, before=before, after=after, at=at, actor_id=actor.id, actor_name=actor.name,
            source=origin.source, run=origin.run, change_reference=reference, why=origin.why,
            accounted=key not in tracked or bool(reference) or _is_learned(key, before, origin),
        )
        for key, (before, after) in edits.items()
    ]  # fmt: skip
    return History.objects.bulk_create(rows)


def record_relation(
    relation: Relation, *, ended: bool, actor: Actor, at: datetime, origin: Origin = BY_HAND, tied: bool = False
) -> None:
    """The same of both ends of a relation that began, or `ended`: each names the other. InvalidInput as `record`."""
    for key, item, other in (
        ("relation", relation.source, relation.target),
        ("related", relation.target, relation.source),
    ):
        pair = (other.reference, None) if ended else (None, other.reference)
        record(item, {f"{key}:{relation.type.slug}": pair}, actor=actor, at=at, origin=origin, tied=tied)


def in_production(item: CI) -> bool:
    """Whether the item stands where customers feel it."""
    return in_production_by(item, is_production)


def in_production_by(item: CI, judged: Callable[[str], bool]) -> bool:
    """The same, for who asks for many: `judged` says it of a name of an environment."""
    return bool(item.environment) and judged(item.environment)


def _is_learned(key: str, before: Any, origin: Origin) -> bool:
    return origin.run is not None and before in (None, "") and (key == "environment" or key.startswith("attributes."))


def _is_tracked(key: str) -> bool:
    return key in _TRACKED or key.startswith(("attributes.", "relation:", "related:", "group:"))
