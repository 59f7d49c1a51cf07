"""A field as a set below its own has it: never looser than what is inherited. Asks the database for nothing."""

import copy
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from itsm.fields import kinds
from itsm.fields.models import Field, Narrowing
from itsm.fields.vocabulary import NUMBERS, Required

_ORDER = [Required.NEVER.value, Required.RESOLVE.value, Required.CREATE.value]
_LEAST, _MOST = frozenset({"min"}), frozenset({"max", "max_length", "scale"})
_ONE_WAY = frozenset({"not_past", "not_future"})


def stricter(one: str, other: str) -> str:
    """Of two answers to when a field is required, the one that asks sooner."""
    return max(one, other, key=_ORDER.index)


def merged(type_: str, above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of both, of each the tighter one, whatever was edited above since."""
    found = dict(above)
    for name, value in own.items():
        found[name] = value if name not in above else _tighter(type_, name, above[name], value)
    return found


def looser(type_: str, above: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """The names of the rules that would let through more than what is inherited."""
    return [name for name, value in own.items() if name in above and not _as_tight(type_, name, above[name], value)]


def _tighter(type_: str, name: str, above: Any, own: Any) -> Any:
    return own if _as_tight(type_, name, above, own) else above


def _as_tight(type_: str, name: str, above: Any, own: Any) -> bool:
    if own == above or name in _ONE_WAY:
        return True
    if name in _LEAST or name in _MOST:
        as_number: Callable[[Any], Any] = (lambda one: Decimal(str(one))) if _counts(type_, name) else str
        low, high = as_number(own), as_number(above)
        return bool(low >= high if name in _LEAST else low <= high)
    if name == "prefix":
        return str(own).startswith(str(above))
    if name == "hosts":
        return all(any(host == one or host.endswith(f".{one}") for one in above) for host in own)
    return False  # a shape, a role, a team, a class: another one is not a tighter one


def _counts(type_: str, name: str) -> bool:
    return type_ in NUMBERS or name in {"max_length", "scale"}


def narrowed(field: Field, narrowings: Iterable[Narrowing]) -> Field:
    """The field with what these say of it, the most general first; the field itself where they say nothing.

    An option that is left out reads on and is not chosen anew; a default that no longer fits is none.
    """
    those = list(narrowings)
    if not those:
        return field
    found = copy.copy(field)
    options = [copy.copy(one) for one in field.options.all()]
    for one in those:
        found.required = stricter(found.required, one.required)
        found.recommended = found.recommended or one.recommended
        found.rules = merged(found.type, found.rules, one.rules)
        for option in options:
            if one.options is not None and option.key not in one.options and option.retired_at is None:
                option.retired_at = one.since
    read = field.options.all()._chain()  # type: ignore[attr-defined]  # as Django fills in what it has read
    read._result_cache, read._prefetch_done = options, True
    found._prefetched_objects_cache = {"options": read}  # type: ignore[attr-defined]
    found.default = found.default if _fits(found) else None
    return found


def _fits(field: Field) -> bool:
    """Whether its default is a value that it would take."""
    if field.default is None:
        return True
    at = kinds.Moment(timezone.now(), timezone.localdate())
    try:
        kinds.parse(field.defined(), field.default, at=at, look_up=lambda *_: None)
    except ValueError:
        return False
    return True
