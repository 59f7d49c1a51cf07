"""Conditions on answers: `{"all" | "any": [{"field", "op", "value"} | a group, ...]}`. Judged once through, no code.

`js/form-conditions.js` says the same in the browser, where a form reacts at once; what counts is said here.
A missing answer makes everything but `empty` false. What an answer is compared as: `comparable.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from itsm.fields.form.comparable import Comparable, comparable
from itsm.fields.kinds import Definition

MAX_LEAVES, MAX_DEPTH, MAX_VALUES = 50, 4, 50
_EQUAL, _LISTED, _ALWAYS = ("is", "is_not"), ("one_of", "none_of"), ("empty", "filled")
_ORDERED = ("lt", "le", "gt", "ge")
OPS = (*_EQUAL, *_LISTED, "contains", *_ORDERED, *_ALWAYS)
WITHOUT_VALUE, WITH_MANY = frozenset(_ALWAYS), frozenset(_LISTED)
_TEXTS = (*_EQUAL, *_LISTED, "contains", *_ALWAYS)
_NUMBERS = (*_EQUAL, *_LISTED, *_ORDERED, *_ALWAYS)
# Of an instant and of what points to a record a condition asks only whether it is there: what a browser would compare
# depends on its zone, and on names that change.
OPS_OF: Mapping[str, tuple[str, ...]] = {
    "text": _TEXTS, "long": _TEXTS, "link": _TEXTS, "whole": _NUMBERS, "decimal": _NUMBERS,
    "yes_no": (*_EQUAL, *_ALWAYS), "choice": (*_EQUAL, *_LISTED, *_ALWAYS),
    "choices": ("contains", *_LISTED, *_ALWAYS), "date": (*_EQUAL, *_ORDERED, *_ALWAYS), "instant": _ALWAYS,
    "person": _ALWAYS, "team": _ALWAYS, "service": _ALWAYS, "ci": _ALWAYS,
    "file": _ALWAYS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """`value`: as JSON has it; a list for `one_of` and `none_of`, None for `empty` and `filled`."""

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    """`rule`: all or any of its parts hold. There is at least one."""

    rule: str
    parts: "tuple[Leaf | Group, ...]"

    @property
    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from (part,) if isinstance(part, Leaf) else part.leaves


def as_json(condition: Group | None) -> dict[str, Any] | None:
    """As it is kept and sent; None where there is none."""
    return None if condition is None else _as_json(condition)


def _as_json(part: Leaf | Group) -> dict[str, Any]:
    if isinstance(part, Group):
        return {part.rule: [_as_json(one) for one in part.parts]}
    if part.op in WITHOUT_VALUE:
        return {"field": part.field, "op": part.op}
    return {"field": part.field, "op": part.op, "value": part.value}


def holds(condition: Group | None, answers: Mapping[str, Any], definitions: Mapping[str, Definition]) -> bool:
    """Whether it holds of these answers, as they are sent or kept; what stands under no condition always does."""
    if condition is None:
        return True
    read = {
        key: comparable(definitions[key], answers.get(key))
        for key in {leaf.field for leaf in condition.leaves}
        if key in definitions
    }
    return met(condition, read, definitions)


def met(condition: Group | None, read: Mapping[str, Comparable], definitions: Mapping[str, Definition]) -> bool:
    """The same of answers that are comparable already."""
    if condition is None:
        return True
    quantifier = all if condition.rule == "all" else any
    return quantifier(
        met(part, read, definitions) if isinstance(part, Group) else _leaf_met(part, read, definitions)
        for part in condition.parts
    )


def _leaf_met(leaf: Leaf, read: Mapping[str, Comparable], definitions: Mapping[str, Definition]) -> bool:
    answer = read.get(leaf.field)
    if leaf.op in WITHOUT_VALUE:
        return (leaf.op == "empty") == (answer is None)
    if answer is None:
        return False
    defined = definitions[leaf.field]
    if leaf.op in WITH_MANY:
        values = {one for value in leaf.value for one in _each(comparable(defined, value, of_condition=True))}
        return bool(values.intersection(_each(answer))) == (leaf.op == "one_of")
    wanted = comparable(defined, leaf.value, of_condition=True)
    if leaf.op == "contains":
        return _contains(answer, wanted)
    return wanted is not None and _compared(leaf.op, answer, wanted)


def _each(value: Comparable) -> tuple[Any, ...]:
    return () if value is None else value if isinstance(value, tuple) else (value,)


def _contains(answer: Comparable, wanted: Comparable) -> bool:
    if isinstance(answer, tuple):
        return bool(set(_each(wanted)).intersection(answer))
    return isinstance(answer, str) and isinstance(wanted, str) and wanted.lower() in answer.lower()


def _compared(op: str, answer: Any, wanted: Any) -> bool:
    match op:
        case "is":
            return bool(answer == wanted)
        case "is_not":
            return bool(answer != wanted)
        case "lt":
            return bool(answer < wanted)
        case "le":
            return bool(answer <= wanted)
        case "gt":
            return bool(answer > wanted)
    return bool(answer >= wanted)
