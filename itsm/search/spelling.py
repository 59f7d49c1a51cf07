"""What a mistyped word may mean: the nearest words among those that titles are made of.

A word counts as meant where one letter is missing, doubled, wrong or changed places with its neighbour; in longer words
two. Its end may be missing while somebody types. Nobody is shown a word that stands only in records they may not see:
these words only widen the query, and what it finds is filtered like everything.
"""

from typing import Any

from django.db import connection

_SHORTEST = 4
_LONG = 7
_MAX_MEANT = 4

_NEAR = """
(SELECT word FROM search_word WHERE word %% %(word)s ORDER BY similarity(word, %(word)s) DESC LIMIT 100)
UNION
(SELECT word FROM search_word WHERE word LIKE %(begins)s AND length(word) >= %(length)s
  ORDER BY similarity(word, %(word)s) DESC LIMIT 100)
"""


def meant(word: str) -> list[str]:
    """Known words that this one may be a misspelling of, the nearest first; at most four. In lower case."""
    if len(word) < _SHORTEST or not word.isalpha():
        return []
    allowed = 2 if len(word) >= _LONG else 1
    given: dict[str, Any] = {"word": word[:30], "begins": f"{word[:2]}%", "length": min(len(word), 30) - allowed}
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, given)
        known = [found for (found,) in cursor.fetchall()]
    near = sorted((steps, one) for one in known if (steps := _to_beginning(word, one, allowed)) <= allowed)
    return [one for _steps, one in near[:_MAX_MEANT]]


def _to_beginning(word: str, known: str, allowed: int) -> int:
    """Steps from what was typed to the known word, or to as much of it as may have been typed; over `allowed`: some."""
    typed = known[: len(word) + 2]
    row = _steps(word, typed, allowed)
    lengths = {len(typed), *range(len(word) - 1, len(word) + 2)}
    return min((row[length] for length in lengths if 0 < length < len(row)), default=allowed + 1)


def distance(one: str, other: str) -> int:
    """Letters to insert, drop, replace or swap with their neighbour (optimal string alignment)."""
    return _steps(one, other, len(one) + len(other))[-1]


def _steps(one: str, other: str, allowed: int) -> list[int]:
    """The distance to every beginning of the other word, by its length; empty once all are over `allowed`.

    A row never reaches below the least of the row before it, so what is too far is left at its second or third letter.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before_last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if before_last and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return []
        before = last
    return row
