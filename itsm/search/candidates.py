"""Which documents hold every word that was said, the best first. Two statements, so that no word is dear.

An index of words is quick for rare words and slow for beginnings that half of all records hold: it gathers all their
rows before it looks at any other condition. So the first statement looks at all things and at the newest records, where
it counts how often each word stands and how much this actor sees. The second asks an index only for what is rare, and
holds each row that comes back against everything. Who sees little has their own rows read, whatever the words are.

What is hidden can shape the way to the answer, never the answer: every row is held against the actor's tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from itsm.search.models import Document
from itsm.search.offers import NOTHING_WITHHELD, Withheld

_NEWEST = 2000
# Of the newest: what stands in so few is worth asking the index for; more that fit are enough to rank; who sees so few
# sees little of all.
_RARE, _ENOUGH, _LITTLE = 100, 100, 10

_FITS = "words @@ to_tsquery('simple', %(every)s) AND audience && %(tokens)s::varchar[]"
_LOOK = f"""
SELECT
  ARRAY(SELECT id FROM search_document WHERE is_thing AND {_FITS} LIMIT 200),
  coalesce((array_agg(id) FILTER (WHERE {_FITS}))[:200], ARRAY[]::bigint[]),
  count(*) FILTER (WHERE audience && %(tokens)s::varchar[]),
  ARRAY[{{counts}}]
FROM (
  SELECT id, words, audience FROM search_document WHERE NOT is_thing ORDER BY id DESC LIMIT %(newest)s
) newest
"""  # noqa: S608 - no input
_COUNT = "count(*) FILTER (WHERE words @@ to_tsquery('simple', %({name})s))"
_OWN = "audience && %(tokens)s::varchar[]"
_NAMED = "words @@ to_tsquery('simple', %(rare)s)"
# No index answers a test of truth, so the planner has only the one that was meant.
_MORE = f"UNION (SELECT id FROM search_document WHERE {{indexed}} AND ({_FITS}) IS TRUE LIMIT 400)"  # noqa: S608
_WITHHELD = "AND NOT (audience && %(hidden)s::varchar[] AND NOT audience && %(own)s::varchar[])"
_RANKED = """
SELECT search_document.id, record_kind, record_id, reference, title, path, is_thing, is_over
FROM search_document JOIN (SELECT unnest(%(known)s::bigint[]) AS id {more}) candidates USING (id)
WHERE audience && %(tokens)s::varchar[] {withheld}
ORDER BY
  ts_rank(words, to_tsquery('simple', %(every)s))
  + CASE WHEN lower(title) = %(text)s OR lower(reference) = %(text)s THEN 4 ELSE 0 END
  + CASE WHEN is_thing THEN 1 ELSE 0 END
  + CASE WHEN starts_with(lower(title), %(text)s) THEN 0.3 ELSE 0 END
  - CASE WHEN is_over THEN 0.3 ELSE 0 END DESC,
  id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the first statement saw.

    `things` and `newest`: ids that fit. `seen`: how many of the newest rows this actor sees. `standing`: in how many
    of them each word stands, in the order of the words.
    """

    things: list[int]
    newest: list[int]
    seen: int
    standing: list[int]


def ranked(
    words: Sequence[str], tokens: list[str], text: str, limit: int, withheld: Withheld = NOTHING_WITHHELD
) -> list[Document]:
    """At most `limit` documents that meet these tokens and hold every word, the best first.

    A word is a term of a query of text search, such as `check:*` or `(chekout:* | checkout)`. `text`: what was said, in
    lower case; what is called exactly so comes first.
    `withheld`: what these tokens do not open. Only the columns of a result line are loaded.
    """
    given: dict[str, Any] = {
        "every": " & ".join(words),
        "tokens": tokens,
        "text": text,
        "limit": limit,
        "newest": _NEWEST,
        "hidden": withheld.hidden,
        "own": withheld.own,
    }
    look = _look(words, given)
    given["known"] = look.things + look.newest
    more, given["rare"] = "", ""
    if len(look.newest) <= _ENOUGH:
        rare = _worth_asking(words, look)
        more = _MORE.format(indexed=_NAMED if rare else _OWN)
        given["rare"] = " & ".join(rare)
    return list(Document.objects.raw(_RANKED.format(more=more, withheld=_WITHHELD if withheld.hidden else ""), given))


def _look(words: Sequence[str], given: dict[str, Any]) -> _Look:
    named = {f"word_{place}": word for place, word in enumerate(words)}
    counts = ", ".join(_COUNT.format(name=name) for name in named)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK.format(counts=counts), given | named)
        return _Look(*cursor.fetchone())


def _worth_asking(words: Sequence[str], look: _Look) -> list[str]:
    """The words to ask their index for; none where the actor's own rows are fewer than those of any word."""
    fewest = min(look.standing)
    if look.seen <= max(_LITTLE, fewest):
        return []
    rare = [word for word, times in zip(words, look.standing, strict=True) if times <= _RARE]
    return rare or [words[look.standing.index(fewest)]]
