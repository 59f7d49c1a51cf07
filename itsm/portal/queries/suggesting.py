"""What answers while somebody types: articles and outages of what they may see. The words are kept nowhere."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.knowledge.queries.searching import suggest as suggest_articles
from catalog.knowledge.queries.searching import words_of
from itsm.kernel.actors import Actor
from itsm.portal.queries.status import Standing, status

if TYPE_CHECKING:
    from catalog.models import Article

_MOST = 3
_BEGINS = 3  # so many letters of a word have to fit


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best first. `instead`: mistyped word -> the words that were looked for instead."""

    articles: "list[Article]" = field(default_factory=list)
    outages: list[Standing] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.articles) + len(self.outages) + len(self.items)


def suggest(actor: Actor, text: str, at: datetime) -> Suggestions:
    """From three characters on; nothing before."""
    words = words_of(text)
    if not words:
        return Suggestions()
    answers = suggest_articles(actor, text, limit=_MOST)
    troubles = status(actor, at, only_troubles=True).troubles
    fitting = [one for one in troubles if _fits(one.said, words)]
    return Suggestions(answers.articles, fitting[:_MOST], [], answers.instead)


def _fits(said: str, typed: list[str]) -> bool:
    """Whether one of the words that were typed begins one that is said."""
    known = words_of_all(said)
    return any(one.startswith(word) for word in typed if len(word) >= _BEGINS for one in known)


def words_of_all(text: str) -> set[str]:
    """Every word of a text, in small letters."""
    return set("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())
