"""Which terms of which rules hold for which records: one statement, made of the very conditions of the list.

What a rule's filter compiles to is kept for a few seconds by rule and version, since names in it are looked up; what
moves with time never is.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL

from itsm.assignment import filter_words
from itsm.assignment.kinds import RULES, Kind
from itsm.assignment.models import Rule
from itsm.kernel.errors import InvalidInput

_KEPT_SECONDS = 5.0
_MOST_KEPT = 500
_ASKED = [-1]  # stands where the ids of the records go


@dataclass(frozen=True, slots=True)
class Compiled:
    """The terms of a rule in words, and as SQL (None: holds for nothing); `broken`: why it says nothing usable now."""

    words: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Any, ...]] | None, ...]
    broken: str = ""


_kept: dict[tuple[int, int], tuple[float, Compiled]] = {}


class Holding:
    """What holds: asked once for some records, then answered from memory."""

    def __init__(self, kind: Kind, rules: Iterable[Rule], pks: Collection[int]) -> None:
        self._rules = {rule.pk: compiled(kind, rule) for rule in rules}
        self._found = _ask(self._rules, list(pks))

    def missed(self, rule: Rule, pk: int) -> list[str]:
        """The terms that do not hold for a record, in words; none: the rule matches."""
        held = self._rules[rule.pk]
        if held.broken:
            return [held.broken]
        return [words for place, words in enumerate(held.words) if (rule.pk, place, pk) not in self._found]


def compiled(kind: Kind, rule: Rule) -> Compiled:
    """The filter of a rule as conditions."""
    key, now = (rule.pk, rule.version), time.monotonic()
    found = _kept.get(key)
    if found is not None and now - found[0] < _KEPT_SECONDS:
        return found[1]
    made, keep = _compile(kind, rule)
    if keep:
        if len(_kept) > _MOST_KEPT:
            _kept.clear()
        _kept[key] = (now, made)
    return made


def _compile(kind: Kind, rule: Rule) -> tuple[Compiled, bool]:
    try:
        terms = filter_words.terms(kind, rule.filter)
        rows = kind.model._default_manager.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", (_ASKED,))).order_by()
        parts: list[tuple[str, tuple[Any, ...]] | None] = []
        for term in terms:
            query = kind.narrowed(rows, [term], RULES).values_list("pk").query
            try:
                parts.append(query.sql_with_params())
            except EmptyResultSet:
                parts.append(None)
    except InvalidInput as error:
        return Compiled((), (), error.detail), False
    return Compiled(tuple(filter_words.in_words(kind, rule.filter)), tuple(parts)), not (
        filter_words.moves_with_time(terms)
    )


def _ask(rules: dict[int, Compiled], pks: list[int]) -> set[tuple[int, int, int]]:
    """(rule, term, record) of all that hold."""
    selects: list[str] = []
    params: list[Any] = []
    for pk, held in rules.items():
        for place, part in enumerate(held.parts):
            if part is not None:
                # What Django made of the filter; every value in it is a parameter.
                selects.append(f"SELECT %s::bigint, %s::int, found.* FROM ({part[0]}) found")  # noqa: S608
                params += [pk, place, *(pks if one is _ASKED or one == _ASKED else one for one in part[1])]
    if not selects or not pks:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        return set(cursor.fetchall())
