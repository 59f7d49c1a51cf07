"""Values of a document that somebody else wrote: texts, instants, links. What is of another shape is refused."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

MOST_LABELS = 100
LONGEST_NAME = 200
LONGEST_VALUE = 2_000
_FRACTION = re.compile(r"(\.\d{6})\d+")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|z|[+-]\d\d:?\d\d)$", re.ASCII)


class NotOurs(ValueError):
    """The document is of no shape that this source speaks; the sentence says what is missing."""


def instant(value: Any) -> datetime | None:
    """An RFC 3339 instant, to the microsecond; None for an empty one and for year 1, which says "none".

    Raises NotOurs.
    """
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise NotOurs(_("“%(value)s” is no instant with a zone.") % {"value": str(value)[:60]})
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", value.upper().replace("Z", "+00:00")))
        return None if found.year < 1970 else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotOurs(_("“%(value)s” is no instant with a zone.") % {"value": value[:60]}) from error


def texts(value: Any, name: str) -> dict[str, str]:
    """A flat object of texts; numbers and yes or no are written out. Raises NotOurs."""
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise NotOurs(_("%(name)s is no object of texts.") % {"name": name})
    if len(value) > MOST_LABELS:
        raise NotOurs(_("%(name)s has more than %(most)d entries.") % {"name": name, "most": MOST_LABELS})
    return {str(key)[:LONGEST_NAME]: text(one)[:LONGEST_VALUE] for key, one in value.items() if one is not None}


def text(value: Any) -> str:
    """A value as text: what is no text is written as JSON is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def links(*values: Any) -> tuple[str, ...]:
    """The addresses among them that a browser may open."""
    return tuple(
        one[:500] for one in values if isinstance(one, str) and one.lower().startswith(("https://", "http://"))
    )


def one_of(values: Any, index: Any) -> Any:
    """An item of an object, None where it is no object."""
    return values.get(index) if isinstance(values, dict) else None
