"""What a mistyped word may mean: the nearest words among those that titles are made of.

A word counts as meant where one letter is missing, doubled, wrong or changed places with its neighbour; in longer words
two. Its end may be missing while somebody types. Nobody is shown a word that stands only in records they may not see:
these words only widen the query, and what it finds is filtered like everything.
"""

from django.db import connection

_SHORTEST = 4
_LONG = 7
_MAX_MEANT = 4

_NEAR = """
SELECT DISTINCT word FROM (
  (SELECT word FROM search_word WHERE word %% %(word)s LIMIT 300)
  UNION ALL
  (SELECT word FROM search_word WHERE word LIKE %(begins)s LIMIT 300)
) near
"""


def meant(word: str) -> list[str]:
    """Known words that this one may be a misspelling of, the nearest first; at most four. In lower case."""
    if len(word) < _SHORTEST or not word.isalpha():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"word": word[:30], "begins": f"{word[:2]}%"})
        known = [found for (found,) in cursor.fetchall()]
    allowed = 2 if len(word) >= _LONG else 1
    near = sorted((distance, one) for one in known if (distance := _distance_to_beginning(word, one)) <= allowed)
    return [one for _distance, one in near[:_MAX_MEANT]]


def _distance_to_beginning(word: str, known: str) -> int:
    """From what was typed to the known word, or to as much of it as may have been typed."""
    lengths = {len(known), *range(len(word) - 1, len(word) + 2)}
    return min(distance(word, known[:length]) for length in lengths if 0 < length <= len(known))


def distance(one: str, other: str) -> int:
    """Letters to insert, drop, replace or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before_last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if before_last and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
