"""Which colour a word has. Red: broken now; amber: soon; green: proven good; blue: act on it; grey: history.

Apps keep tables of their own words (`Vocabulary`); a state's colour stands in its workflow.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import get_language

Word = tuple[str | Promise, str]
Vocabulary = Mapping[str, Word]


def word(table: Vocabulary, key: Any) -> Word:
    """The word and its tone; a key that is not listed speaks for itself, in grey."""
    text = str(key or "")
    return table.get(text, (text.replace("_", " ").capitalize() or "\N{EN DASH}", "grey"))


def place(table: Vocabulary, key: Any) -> int:
    """The place of a word in a table that has the worst first; what is not listed comes last."""
    known = list(table)
    return known.index(str(key)) if str(key) in table else len(known)


def in_words(record: Any, name: str) -> Any:
    """What `get_<name>_display` says. That makes the words of all choices anew for every row; these are made once."""
    field = record._meta.get_field(name)
    value = getattr(record, field.attname)
    return force_str(_words(field, get_language()).get(value, value), strings_only=True)


@cache
def _words(field: Any, _language: str | None) -> dict[Any, str]:
    """The words of a field's choices in the language of whoever reads now."""
    return {value: force_str(word) for value, word in field.flatchoices}


def plain_choices(choices: Iterable[tuple[Any, Any]]) -> tuple[tuple[Any, str], ...]:
    """Choices in the words of whoever reads now: plain values, by which markup may be kept."""
    return tuple([(value, str(words)) for value, words in choices])


def status(record: Any) -> Word:
    """A record's state as it is called, in the colour that its workflow gives it."""
    workflow = getattr(record, "workflow", None)
    return in_words(record, "status"), workflow.colours.get(str(record.status), "grey") if workflow else "grey"
