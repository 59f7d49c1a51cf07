"""The words of what is live, by the tokens of its audience: written as a version goes live, taken back as it ends."""

import re

from django.db import connection

from catalog.knowledge.models import ArticleVersion
from itsm.markdown import to_plain

_WORD = re.compile(r"[^\W\d_]{3,30}")
# In the order of the key: two who publish at once wait for one another and not for ever.
_LEARN = """
INSERT INTO catalog_articleword (token, word, letters, uses)
SELECT token, word, letters, 1
FROM unnest(%(tokens)s::varchar[]) AS token, unnest(%(words)s::varchar[], %(letters)s::varchar[]) AS said(word, letters)
ORDER BY token, word
ON CONFLICT (token, word) DO UPDATE SET uses = catalog_articleword.uses + 1
"""
_HOLD = """
SELECT FROM catalog_articleword WHERE token = ANY (%(tokens)s::varchar[]) AND word = ANY (%(words)s::varchar[])
ORDER BY token, word FOR NO KEY UPDATE
"""
_UNLEARN = """
UPDATE catalog_articleword SET uses = uses - 1
WHERE token = ANY (%(tokens)s::varchar[]) AND word = ANY (%(words)s::varchar[]);
DELETE FROM catalog_articleword
WHERE token = ANY (%(tokens)s::varchar[]) AND word = ANY (%(words)s::varchar[]) AND uses = 0
"""


def words_of(version: ArticleVersion) -> list[str]:
    """The words that a reader of it reads, each once, in lower case."""
    text = " ".join((version.title, version.symptoms, to_plain(version.body)))
    return sorted(set(_WORD.findall(text.lower())))


def learn(version: ArticleVersion, audience: list[str]) -> None:
    """The words of a version that goes live. Raises nothing."""
    _write(_LEARN, words_of(version), audience)


def unlearn(version: ArticleVersion, audience: list[str]) -> None:
    """The words of a version that is live no more. Raises nothing."""
    words = words_of(version)
    _write(_HOLD, words, audience)
    _write(_UNLEARN, words, audience)


def _write(statement: str, words: list[str], audience: list[str]) -> None:
    if not words:
        return
    letters = ["".join(sorted(word)) for word in words]
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tokens": sorted(audience), "words": words, "letters": letters})
