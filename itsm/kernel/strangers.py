"""JSON of strangers, as something that a database takes.

PostgreSQL keeps no NUL and no half of a surrogate pair, and JSON may escape both. One such sign in one of many things
is no reason to lose the others, nor that thing itself: it is read as U+FFFD, which says that something stood there.
"""

import json
import re
from typing import Any

ODD = "\ufffd"
# Escapes one after the other, so that a backslash that is itself escaped begins none; whole pairs before halves.
_ESCAPES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_REFUSED = re.compile(r"^\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})$")


def storable(body: bytes) -> str:
    """The text of a JSON document without what no database takes. Raises nothing: whether it is JSON is not asked."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    return _ESCAPES.sub(lambda found: ODD if _REFUSED.match(found[0]) else found[0], text) if "\\u" in text else text


def read(body: bytes) -> Any:
    """The document of a body that somebody else wrote. Raises ValueError, RecursionError where it is no JSON."""
    return json.loads(storable(body))
