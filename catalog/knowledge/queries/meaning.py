"""What mistyped words may mean to a reader: words of live articles that they see, and of no others.

A word is taken for mistyped where no live article that the reader sees holds it, or a word that it begins. It is
replaced by at most three: the nearest, by edits, among those alike by trigrams (0.3 or more) of which no more than a
third of its letters is wrong, and those of the same letters in another order.
"""

from collections.abc import Mapping

from django.db import connection

from catalog.knowledge.queries.planning import without_scans
from itsm.search.spelling import distance

_MAX_MEANT = 3
_CANDIDATES = 60
_OWN = "token = ANY (%(tokens)s::varchar[])"
_UNKNOWN = """
SELECT word FROM unnest(%(words)s::varchar[]) AS said(word) WHERE length(word) >= 3 AND NOT EXISTS (
  SELECT FROM catalog_articleword WHERE catalog_articleword.word LIKE said.word || '%%' AND {own}
)
"""
# What the dictionary lacks may stand in texts all the same: under its stem, or with digits in it.
_HELD = """
WITH live AS MATERIALIZED (
  SELECT article_id FROM catalog_articleversion WHERE state = 'published' AND words @@ %(stem)s::tsquery
)
SELECT EXISTS (SELECT FROM live JOIN catalog_article article ON article.id = live.article_id WHERE true {seen})
"""
_ALIKE = """
(SELECT word, similarity(word, %(word)s) AS alike FROM catalog_articleword
 WHERE word %% %(word)s AND similarity(word, %(word)s) >= 0.3 AND {own} ORDER BY alike DESC LIMIT %(limit)s)
UNION
(SELECT word, 1 FROM catalog_articleword WHERE letters = %(letters)s AND {own} LIMIT %(limit)s)
"""


def meant(stems: Mapping[str, str], tokens: list[str] | None) -> dict[str, list[str]]:
    """Word -> what it may mean, the nearest first, for those that nothing visible holds.

    `stems`: word -> the query that finds it. `tokens`: the reader's, None for who sees every article.
    """
    own = _OWN if tokens is not None else "TRUE"
    seen = "AND article.audience && %(tokens)s::varchar[]" if tokens is not None else ""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN.format(own=own), {"words": list(stems), "tokens": tokens})
        for (word,) in cursor.fetchall():
            given = {
                "word": word[:30], "tokens": tokens, "letters": "".join(sorted(word[:30])), "limit": _CANDIDATES,
                "stem": stems[word],
            }  # fmt: skip
            ((is_held,),) = without_scans(cursor, _HELD.format(seen=seen), given)
            if is_held:
                continue
            cursor.execute(_ALIKE.format(own=own), given)
            if near := _nearest(word, {known for known, _alike in cursor.fetchall()}):
                found[word] = near
    return found


def _nearest(word: str, known: set[str]) -> list[str]:
    """Words that share a few letters by chance are none that was meant: “pairing” is not “paid”."""
    letters = sorted(word)
    steps = {one: distance(word, one) for one in known}
    meant_so = [one for one in known if sorted(one) == letters or 3 * steps[one] <= max(len(word), len(one))]
    return sorted(meant_so, key=lambda one: (sorted(one) != letters, steps[one], one))[:_MAX_MEANT]
