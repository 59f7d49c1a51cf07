"""What an article can be made from: apps above register their records in `AppConfig.ready()`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from catalog.knowledge.models import Article
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work import linkable


@dataclass(frozen=True, slots=True)
class Prefilled:
    """What an article begins with: as much as the record says. `audience`: None for internal."""

    title: str
    symptoms: str = ""
    body: str = ""
    service: Any = None
    audience: list[str] | None = field(default=None)


Prefill = Callable[[Any, Actor], Prefilled]
_known: dict[str, Prefill] = {}


def register(kind: str, prefill: Prefill) -> None:
    """`prefill(record, actor)`: what an article that is made from it begins with. The kind is linkable as well
    (`itsm.work.linkable`), which finds its records and says who sees them. Called once per kind, at start."""
    _known[kind] = prefill


def begun_from(actor: Actor, text: str) -> tuple[Any, Prefilled]:
    """The record of this reference among those that the actor may see, and what an article begins with.

    Raises InvalidInput where there is none, or nothing is made from its kind.
    """
    record = linkable.named(actor, text, "origin")
    if record.kind not in _known:
        said = gettext("No article is made from %(reference)s.") % {"reference": record.reference}
        raise InvalidInput.about("origin", said)
    return record, _known[record.kind](record, actor)


def origin_of(article: Article, actor: Actor) -> Any:
    """The record that it was made from, where the actor may see it; None else."""
    return origins_of([article], actor).get(article.pk)


def origins_of(articles: Sequence[Article], actor: Actor) -> dict[int, Any]:
    """Id -> the same of each that has one. A query for each kind of record."""
    made = [one for one in articles if one.origin_id is not None]
    kinds = {one.origin_kind: [each.origin_id for each in made if each.origin_kind == one.origin_kind] for one in made}
    seen = {kind: linkable.among(actor, kind, [pk for pk in ids if pk is not None]) for kind, ids in kinds.items()}
    found = {one.pk: seen[one.origin_kind].get(one.origin_id or 0) for one in made}
    return {pk: record for pk, record in found.items() if record is not None}


def made_from(record: Any, actor: Actor) -> list[Article]:
    """The articles made from a record, as far as the actor may see them."""
    rows = Article.objects.visible_to(actor).filter(origin_kind=record.kind, origin_id=record.pk)
    return list(rows.order_by("id")[:20])
