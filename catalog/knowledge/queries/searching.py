"""Which live articles answer what somebody types, the best first, in one statement; what they typed is kept nowhere.

Rank: `ts_rank_cd` (title A, symptoms B, text C), times how often it helped, times 1.3 for the service that was chosen,
times 0.8 where it should have been looked at again. All words, each of them as a beginning; under three hits any word.
Ranked are all that fit, but no more than 200 that hold the words in title or symptoms, and as many that hold them
anywhere where those were fewer: to read the texts of half of all articles takes a second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from catalog.knowledge.models import Article
from catalog.knowledge.permissions import overseers, tokens_of
from catalog.knowledge.queries.meaning import meant
from catalog.knowledge.queries.planning import without_scans
from catalog.knowledge.vocabulary import MAX_RESULTS, SHORTEST, Language
from itsm.kernel.actors import Actor

_MAX_WORDS = 8
_MAX_TEXT = 200
_FEW = 3
_LOOKED_AT = 200
_VOTES_WEIGH = 0.25  # at most: who helped everybody is ranked by so much higher
_LANGUAGES = [str(language) for language in Language.values]
# A word as a beginning in every language that articles are written in; nothing for words such as "the".
_STEMS = """
SELECT word, CASE WHEN numnode(to_tsquery('english', word)) = 0 THEN '' ELSE (
  SELECT string_agg(DISTINCT stem, ' | ')
  FROM unnest(%(languages)s::regconfig[]) AS language,
    LATERAL (SELECT to_tsquery(language, word || ':*')::text) AS queries(stem)
  WHERE stem <> ''
) END
FROM unnest(%(words)s::varchar[]) WITH ORDINALITY AS said(word, place) ORDER BY place
"""
_SEEN = "AND article.audience && %(tokens)s::varchar[]"
_FITS = """
SELECT live.id FROM catalog_articleversion live JOIN catalog_article article ON article.id = live.article_id
WHERE live.state = 'published' AND live.head @@ %({query})s::tsquery {seen} {unless} LIMIT %(looked_at)s
"""
# Those that hold the words where it counts most come first; what is typed at first fits half of all.
_CANDIDATES = """
{query}_heads AS MATERIALIZED ({heads}),
{query}_anywhere AS MATERIALIZED (
  SELECT id, article_id FROM catalog_articleversion
  WHERE state = 'published' AND words @@ %({query})s::tsquery {unless}
),
{query}_texts AS MATERIALIZED (
  SELECT live.id FROM {query}_anywhere live JOIN catalog_article article ON article.id = live.article_id
  WHERE true {seen} LIMIT %(looked_at)s
),
{query}_ranked AS MATERIALIZED (
  SELECT article.id, ts_rank_cd(live.words, %({query})s::tsquery)
    * (1 + %(votes_weigh)s * (article.helpful + 1) / (article.votes + 2))
    * CASE WHEN article.service_id = %(service)s THEN 1.3 ELSE 1 END
    * CASE WHEN article.review_on < %(today)s THEN 0.8 ELSE 1 END AS rank
  FROM (SELECT id FROM {query}_heads UNION SELECT id FROM {query}_texts) AS candidates
  JOIN catalog_articleversion live USING (id) JOIN catalog_article article ON article.id = live.article_id
  ORDER BY rank DESC, article.id LIMIT %(limit)s
)
"""
_RANKED = """
WITH {every}, {some}
SELECT id FROM (
  SELECT id, rank, 0 AS behind FROM every_ranked
  UNION ALL SELECT id, rank, 1 FROM some_ranked WHERE id NOT IN (SELECT id FROM every_ranked)
) AS found ORDER BY behind, rank DESC, id LIMIT %(limit)s
"""
_UNDER_THREE = "AND (SELECT count(*) FROM every_ranked) < %(few)s"
_ROOM = "AND (SELECT count(*) FROM {query}_heads) < %(looked_at)s"


@dataclass(frozen=True, slots=True)
class Answers:
    """Articles, the best first. `instead`: mistyped word -> the words that were looked for instead."""

    articles: list[Article] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)


def suggest(
    actor: Actor, text: str, *, service_id: int | None = None, limit: int = MAX_RESULTS, today: date | None = None
) -> Answers:
    """The live articles that this actor may see and that answer what they typed, from three characters on.

    Words that no live article of theirs holds are taken for mistyped ones: two statements for each, four beside them.
    """
    words = words_of(text)
    if not words:
        return Answers()
    tokens = None if overseers(actor) else tokens_of(actor)
    stems = _stems(words)
    if not stems:
        return Answers()
    instead = meant(stems, tokens)
    others = _stems([other for found in instead.values() for other in found]) if instead else {}
    instead = _that_say_something(instead, others)
    known = [[stems[word]] if word not in instead else [others[one] for one in instead[word]] for word in stems]
    terms = [" | ".join(one) for one in known]
    given = {
        "every": " & ".join(f"({term})" for term in terms), "some": " | ".join(f"({term})" for term in terms),
        "service": service_id, "today": today or timezone.localdate(), "tokens": tokens, "limit": limit, "few": _FEW,
        "looked_at": _LOOKED_AT, "votes_weigh": _VOTES_WEIGH,
    }  # fmt: skip
    return Answers(_ranked(given), instead)


def _that_say_something(instead: Mapping[str, list[str]], stems: Mapping[str, str]) -> dict[str, list[str]]:
    """Without words such as "with": nothing is found by them, so nobody meant them."""
    kept = {word: [one for one in found if one in stems] for word, found in instead.items()}
    return {word: found for word, found in kept.items() if found}


def factor_of_votes(article: Article) -> float:
    """By what its rank is multiplied for how often it helped, as `_CANDIDATES` does."""
    return 1 + _VOTES_WEIGH * (article.helpful + 1) / (article.votes + 2)


def words_of(text: str) -> list[str]:
    """Letters and digits only, so that no sign of a query language is left; nothing below three characters."""
    said = text.strip()[:_MAX_TEXT].lower()
    found = "".join(sign if sign.isalnum() else " " for sign in said).split()
    return list(dict.fromkeys(found))[:_MAX_WORDS] if len("".join(found)) >= SHORTEST else []


def _stems(words: Sequence[str]) -> dict[str, str]:
    """Word -> the stems with which it may begin, as a query; none for words such as "the". One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, {"words": list(words), "languages": _LANGUAGES})
        return {word: stem for word, stem in cursor.fetchall() if stem}


def _ranked(given: dict[str, Any]) -> list[Article]:
    seen = "" if given["tokens"] is None else _SEEN
    statement = _RANKED.format(every=_part("every", seen, ""), some=_part("some", seen, _UNDER_THREE))
    with connection.cursor() as cursor:
        ids = [pk for (pk,) in without_scans(cursor, statement, given)]
    found = Article.objects.select_related("service").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _part(query: str, seen: str, unless: str) -> str:
    heads = _FITS.format(query=query, seen=seen, unless=unless)
    room = f"{unless} {_ROOM.format(query=query)}"
    return _CANDIDATES.format(query=query, heads=heads, seen=seen, unless=room)
