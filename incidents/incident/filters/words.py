"""Words in titles, found by the rarest of them.

The index of titles holds them by threes of signs. For several words at once it walks the lists of all their threes side
by side, and those of a word that stands in most titles ("error", "order") are as long as the table: half a million
entries each, for a few rows. A title that holds all that was typed holds each part of it: so the index is asked for the
rarest word alone, and each row that comes back is held against the whole. How rare a word is, all titles say, also
those that the reader does not see: it shapes the way to the answer, never the answer.
"""

import re
from collections.abc import Sequence

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

from itsm.prepared import Prepared

# Of the newest titles: what stands in more than so many is common, and then nothing is gained.
_NEWEST, _RARE = 500, 1
_MOST_WORDS = 8
_WORD = re.compile(r"\S+")
# The index knows signs of words only.
_TWO_SIGNS = re.compile(r"[^\W_]{2}")
_LOOK = Prepared(
    "incident_titles_with",
    f"""
WITH newest AS MATERIALIZED (SELECT upper(title) AS title FROM incidents_incident ORDER BY id DESC LIMIT {_NEWEST})
SELECT ARRAY(
  SELECT (SELECT count(*) FROM newest WHERE strpos(newest.title, upper(said.part)) > 0)
  FROM unnest(%(parts)s) WITH ORDINALITY AS said (part, place) ORDER BY said.place
)
""",  # noqa: S608 - no input
    parts="text[]",
)


def in_title(text: str) -> Q:
    """Titles that hold this text, whatever the case. One query where it is of several words."""
    part = _rarest(_parts(text))
    if not part:
        return Q(title__icontains=text)
    # No index answers it, so the planner has only the one that was meant.
    return Q(title__icontains=part) & Q(GreaterThan(StrIndex(Upper("title"), Upper(Value(text))), 0))


def _parts(text: str) -> list[str]:
    """The words with the white space beside them, by which the index tells a word's beginning and end."""
    words = [one.span() for one in _WORD.finditer(text)]
    if len(words) < 2:
        return []
    parts = [text[max(0, begin - 1) : end + 1] for begin, end in words]
    return [part for part in parts if _TWO_SIGNS.search(part)][:_MOST_WORDS]


def _rarest(parts: Sequence[str]) -> str:
    """The longest of the rarest, "" where all are common."""
    if not parts:
        return ""
    with connection.cursor() as cursor:
        _LOOK.run(cursor, {"parts": list(parts)})
        (times,) = cursor.fetchone()
    fewest, _length, part = min((found, -len(part), part) for found, part in zip(times, parts, strict=True))
    return part if fewest <= _RARE else ""
