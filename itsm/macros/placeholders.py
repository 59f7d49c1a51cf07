"""Places in a text that are filled in with what a record says: `{{ caller.first_name | there }}`.

There are these names and a fallback, and nothing else: no attributes, calls, filters or conditions. A text is read
once, from left to right; what is put in is never looked at again, so a person may be called `{{ me.email }}`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank

# Each is asked only where the text names it; "" where the record says nothing of it, or a reader may not see it.
Values = Mapping[str, Callable[[], str]]
# Of a record, for who writes; `public`: only what the caller, and all who read along, may see.
Gives = Callable[..., Values]  # (record, *, actor: Actor, public: bool)

NAMES: dict[str, Any] = {
    "caller.name": _("the caller's name"),
    "caller.first_name": _("the caller's first name"),
    "caller.last_name": _("the caller's last name"),
    "me.name": _("your name"),
    "me.first_name": _("your first name"),
    "me.last_name": _("your last name"),
    "me.email": _("your mail address"),
    "assigned.name": _("the name of who works on it"),
    "assigned.first_name": _("the first name of who works on it"),
    "opened_by.name": _("the name of who reported it"),
    "team.name": _("the queue"),
    "record.reference": _("its number"),
    "record.title": _("its title"),
    "record.link": _("its address"),
    "record.state": _("its state"),
    "record.priority": _("its priority"),
    "record.urgency": _("its urgency"),
    "record.service": _("its service"),
    "record.category": _("its category"),
    "record.opened": _("when it was reported"),
    "record.due": _("when it is due"),
    "record.parent": _("the number of its parent"),
    "record.resolution": _("how it was resolved"),
    "today": _("today's date"),
}
LONGEST_FALLBACK = 100
_PLACE = re.compile(r"\{\{([^{}\n]*)\}\}")
_INSIDE = re.compile(rf"\s*([a-z_.]+)\s*(?:\|\s*(\S[^\n]{{0,{LONGEST_FALLBACK - 1}}}?)\s*)?", re.ASCII)

_givers: dict[str, Gives] = {}


def gives(record_kind: str, values: Gives) -> None:
    """Let texts about this kind of record have places; called in `AppConfig.ready()`."""
    _givers[record_kind] = values


def _read(inside: str) -> tuple[str, str] | None:
    """Name and fallback, or None where it is no place that we know."""
    found = _INSIDE.fullmatch(inside)
    return (found[1], found[2] or "") if found is not None and found[1] in NAMES else None


def check(text: str, field: str) -> None:
    """Raise InvalidInput, with the list of what is known, for a text with a place that nobody could fill in."""
    strange = [inside.strip() for inside in _PLACE.findall(text) if _read(inside) is None]
    if "{{" in _PLACE.sub("", text):
        strange.append("{{")
    if strange:
        words = gettext("There is no placeholder %(name)s. Write one as {{ caller.first_name | there }}; known are "
                        "%(known)s.") % {"name": strange[0][:60], "known": ", ".join(NAMES)}  # fmt: skip
        raise InvalidInput.about(field, words, placeholders=list(NAMES))


def written(text: str, values: Values) -> str:
    """The text with its places filled in; what is none of ours stays as it stands."""

    def fill(found: re.Match[str]) -> str:
        known = _read(found[1])
        if known is None or known[0] not in values:
            return found[0]
        value = values[known[0]]()
        return known[1] if is_blank(value) else value

    return _PLACE.sub(fill, text)


def written_for(record: Any, text: str, *, actor: Actor, public: bool) -> str:
    """The text as it reads about this record. A kind of record that gives no values leaves it as it stands."""
    giver = _givers.get(record.kind)
    return written(text, giver(record, actor=actor, public=public)) if giver is not None and "{{" in text else text
