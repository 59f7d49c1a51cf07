"""Statements that the database parses and plans once per connection, for the few large ones that every question asks.

Planning the statements of one evaluation took PostgreSQL three times as long as answering them. The driver knows no
prepared statements of its own; `PREPARE` and `EXECUTE` do. PostgreSQL itself compares a general plan with those made
for the values at hand and keeps planning where the general one would be dearer, so a grown table costs no scan.
Behind a pooler that changes connections between transactions: HEADROOM_PREPARED_STATEMENTS=off.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

_PLACE = re.compile(r"%\((\w+)\)s")


class Prepared:
    """One SELECT with `%(name)s` places. `types`: the SQL type of a place where PostgreSQL cannot tell it by itself."""

    def __init__(self, name: str, text: str, **types: str) -> None:
        self.name, self.text = name, text
        places = list(dict.fromkeys(_PLACE.findall(text)))
        numbers = {place: f"${number}" for number, place in enumerate(places, start=1)}
        self._places = tuple(places)
        given = ", ".join(types.get(place, "unknown") for place in places)
        body = _PLACE.sub(lambda found: numbers[found[1]], text).replace("%%", "%")
        self._prepare = f"PREPARE {name}{f' ({given})' if given else ''} AS {body}"
        asked = ", ".join(f"%({place})s" for place in places)
        self._execute = f"EXECUTE {name}{f' ({asked})' if asked else ''}"

    def ready(self, cursor: Any) -> str:
        """What to execute with the same values: the text itself, or the call of what this connection has prepared."""
        if not settings.PREPARED_STATEMENTS:
            return self.text
        known = _known()
        if self.name not in known:
            with connection.wrap_database_errors:
                # Below Django's cursor: made once per connection, it is no statement of the question that came first.
                cursor.cursor.execute(self._prepare)
            known.add(self.name)
        return self._execute

    def run(self, cursor: Any, given: Mapping[str, Any]) -> None:
        """Execute it with these values, of which it may use some only; the cursor then holds the answer."""
        cursor.execute(self.ready(cursor), {place: given[place] for place in self._places})


def _known() -> set[str]:
    """The names that this very connection has prepared: a new one knows none. Preparing is not rolled back."""
    mine = vars(connections[DEFAULT_DB_ALIAS])  # of this thread
    if mine.get("_prepared_on") is not mine["connection"]:
        mine["_prepared_on"], mine["_prepared"] = mine["connection"], set()
    known: set[str] = mine["_prepared"]
    return known
