"""The filter of a rule: what it may not say, and how its terms are read aloud."""

from django.utils.translation import gettext as _

from itsm.assignment.kinds import Kind
from itsm.work.grammar import NOT, WHOLE, Range, Term, pairs_of, refused

_READERS = frozenset({"me", "my-teams"})
_LONGEST = 160


def terms(kind: Kind, query: str) -> tuple[Term, ...]:
    """The terms of a rule. Raises InvalidInput naming the first that is not understood, or that means the reader:
    a rule has none."""
    found = kind.terms_of(pairs_of(query))
    for term in found:
        if term.field not in WHOLE and any(value in _READERS for value in term.values):
            raise refused(term.name, _("A rule has no reader: me and my-teams mean nobody in it."))
    return found


def in_words(kind: Kind, query: str) -> list[str]:
    """Each term as people say it: "service is vpn", "priority is 1 or 2", "channel is not mail"."""
    said = []
    for name, value in pairs_of(query):
        field = name.removeprefix(NOT)
        shown = value if field in WHOLE else value.replace(",", _(" or "))
        pattern = _("%(field)s is not %(value)s") if name != field else _("%(field)s is %(value)s")
        said.append((pattern % {"field": kind.label(field), "value": shown})[:_LONGEST])
    return said


def moves_with_time(found: tuple[Term, ...]) -> bool:
    """Whether a term means something else a minute later: now, today, or an hour ago."""
    return any(_is_relative(value) for term in found for value in term.values)


def _is_relative(value: object) -> bool:
    if isinstance(value, Range):
        return any(edge is not None and not isinstance(edge, int) for edge in (value.low, value.high))
    return value == "today"
