"""Whose word goes first: a rank for each source, and rules that say otherwise for a class or one of its keys."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

EVERY_KEY = "*"
PEOPLE = "people"  # what is written by hand


class Source(NamedTuple):
    """`rank`: the lower, the sooner believed. `silent_after`: unseen for longer it yields to all; None: never."""

    slug: str
    rank: int
    silent_after: timedelta | None = None


class Rule(NamedTuple):
    """The rank of one source for a class and what inherits from it, for one key or for every one (`*`)."""

    class_slug: str
    key: str
    source: str
    rank: int


class Rank(NamedTuple):
    """A rank and the rule that says it; None: the source's own."""

    number: int
    rule: Rule | None


class Precedence:
    """The ranks of all sources. ValueError for two rules on one class, key and source."""

    def __init__(self, sources: Sequence[Source], rules: Sequence[Rule] = ()) -> None:
        self.sources: Mapping[str, Source] = {source.slug: source for source in sources}
        self.rules = {(rule.source, rule.class_slug, rule.key): rule for rule in rules}
        if len(self.rules) != len(rules):
            raise ValueError("One rule for a class, a key and a source.")

    def rank(self, source: str, lineage: Sequence[str], key: str) -> Rank:
        """By the most specific rule: of the nearest class (`lineage`: root first), there the key's own before `*`.

        KeyError for an unknown source.
        """
        for class_slug in reversed(lineage):
            for named in (key, EVERY_KEY):
                rule = self.rules.get((source, class_slug, named))
                if rule is not None:
                    return Rank(rule.rank, rule)
        return Rank(self.sources[source].rank, None)
