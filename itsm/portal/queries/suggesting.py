"""What answers while somebody types: articles and outages of what they may see. The words are kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Q, Value, When

from catalog.items import queries as items
from catalog.knowledge.queries.searching import suggest as suggest_articles
from catalog.knowledge.queries.searching import words_of
from itsm.kernel.actors import Actor
from itsm.portal.queries.status import Standing, status
from itsm.search.spelling import distance

if TYPE_CHECKING:
    from catalog.models import Article

_MOST = 3
_ON_THE_FIRST_PAGE = 12
_CHECKED = 4  # shorter words are near to too many
_LOOKED_AT = 1000
_BEGINS = 3  # so many letters of a word have to fit


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be asked for. `hours`: how long it usually takes; None where nobody says."""

    slug: str
    name: str
    summary: str
    url: str
    hours: int | None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best first. `instead`: mistyped word -> the words that were looked for instead."""

    articles: "list[Article]" = field(default_factory=list)
    outages: list[Standing] = field(default_factory=list)
    items: list[Offer] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        return len(self.articles) + len(self.outages) + len(self.items)


def suggest(actor: Actor, text: str, at: datetime) -> Suggestions:
    """From three characters on; nothing before."""
    words = words_of(text)
    if not words:
        return Suggestions()
    answers = suggest_articles(actor, text, limit=_MOST)
    troubles = status(actor, at, only_troubles=True).troubles
    fitting = [one for one in troubles if _fits(one.said, words)]
    found, instead = offers(actor, words), answers.instead
    if not found and (meant := nearest(actor, words)):
        found = offers(actor, [meant.get(word, word) for word in words])
        instead = {word: list(dict.fromkeys([*instead.get(word, ()), other])) for word, other in meant.items()} | {
            word: others for word, others in instead.items() if word not in meant
        }
    return Suggestions(answers.articles, fitting[:_MOST], found, instead)


def offers(actor: Actor, words: Sequence[str] = ()) -> list[Offer]:
    """Of what is offered to them, those that most of the words begin a word of, in name, keywords or category; without
    words the first by name. None where nothing can be asked for. One query, which reads no form."""
    found, limit = items.offered(actor).order_by("name", "pk"), _MOST
    if words:
        hits = [Case(When(_said(word), then=Value(1)), default=Value(0)) for word in words if len(word) >= _BEGINS]
        if not hits:
            return []
        total: Any = hits[0]
        for one in hits[1:]:
            total = total + one
        found = found.annotate(hits=total).filter(hits__gt=0).order_by("-hits", "name", "pk")
    else:
        limit = _ON_THE_FIRST_PAGE
    live = found.filter(versions__number=F("live")).annotate(
        said=F("versions__name"), in_short=F("versions__summary"), hours=F("versions__expected_hours")
    )
    shown = [Offer(one.slug, one.said, one.in_short, items.address_to_ask(one), one.hours) for one in live[:limit]]
    return [one for one in shown if one.url]


def nearest(actor: Actor, words: Sequence[str]) -> dict[str, str]:
    """Mistyped word -> the nearest word of what is offered to this person, by as few letters as knowledge allows. One
    query; nothing of what they may not ask for is in it.
    """
    rows = items.offered(actor).order_by("pk").values_list("name", "category", "keywords")[:_LOOKED_AT]
    known = words_of_all(" ".join([one for name, category, more in rows for one in (name, category, *more)]))
    found: dict[str, str] = {}
    for word in words:
        if len(word) < _CHECKED or any(one.startswith(word) for one in known):
            continue
        steps = {one: distance(word, one) for one in known if abs(len(one) - len(word)) <= len(word) // 3}
        near = [one for one, many in steps.items() if 3 * many <= max(len(word), len(one))]
        if near:
            found[word] = min(near, key=lambda one: (steps[one], one))
    return found


def _said(word: str) -> Q:
    begins = rf"\m{word}"  # letters and digits only: see `words_of`
    return Q(name__iregex=begins) | Q(category__iregex=begins) | Q(keywords__icontains=word)


def _fits(said: str, typed: list[str]) -> bool:
    """Whether one of the words that were typed begins one that is said."""
    known = words_of_all(said)
    return any(one.startswith(word) for word in typed if len(word) >= _BEGINS for one in known)


def words_of_all(text: str) -> set[str]:
    """Every word of a text, in small letters."""
    return set("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())
