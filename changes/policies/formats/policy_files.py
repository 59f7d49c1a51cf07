"""A policy as YAML or JSON, and back. What cannot be read says its line and path; nothing is guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, get_type_hints

import yaml
from django.utils.translation import gettext

from changes.gate.limits import Limits, RiskLimits
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json
from itsm.safe_yaml.reading import text_of, values_in
from itsm.safe_yaml.trees import Bounds, Refused

# A whole policy has some 1,500 values.
BOUNDS = Bounds(largest=500_000, deepest=20, most_nodes=20_000, most_anchors=200, most_in_json=20_000)
MOST_PROBLEMS = 50
_DECIMALS = {
    part: {each.name for each in fields(kind) if get_type_hints(kind)[each.name] is Decimal}
    for part, kind in (("limits", Limits), ("risk", RiskLimits))
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` such as table.standard.no_data ("" for the whole), `line` from 1 (None where there is no text)."""

    path: str
    sentence: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        at = gettext("line %(line)s: ") % {"line": self.line} if self.line is not None else ""
        return f"{at}{where}{self.sentence}"


class Unreadable(ValueError):
    """A policy that is not kept, with everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def policy_from_text(text: bytes | str) -> Policy:
    """The policy of one YAML or JSON document. Raises Unreadable."""
    try:
        read = text_of(text, BOUNDS)
        found = values_in(read, BOUNDS)
    except Refused as refused:
        raise Unreadable((Problem("", refused.message, refused.line),)) from refused
    if len(found) != 1 or not isinstance(found[0], dict):
        raise Unreadable((Problem("", gettext("This is not one policy."), 1),))
    try:
        return policy_from_plain(found[0])
    except Unreadable as unreadable:
        tree = yaml.compose(read, Loader=yaml.SafeLoader)  # within the bounds, which were looked at just now
        told = (Problem(one.path, one.sentence, _line(tree, one.path)) for one in unreadable.problems)
        raise Unreadable(tuple(told)) from unreadable


def policy_from_plain(plain: Any) -> Policy:
    """The policy of plain values, numbers written as numbers or as texts. Raises Unreadable."""
    try:
        return policy_from_json(_with_texts(plain))
    except InvalidPolicy as holes:
        raise Unreadable(tuple(map(_split, holes.problems[:MOST_PROBLEMS]))) from holes
    except ValueError as malformed:
        raise Unreadable(
            (_split(str(malformed)[:300].removeprefix("policy.").removeprefix("policy: ")),)
        ) from malformed


def policy_to_text(content: Mapping[str, Any]) -> str:
    """The stored policy as YAML; read again, it is the same policy."""
    written: str = yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return written


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _with_texts(plain: Any) -> Any:
    """Decimals are kept as texts, as written; where a fraction is meant a whole number is one too."""
    if not isinstance(plain, dict):
        return plain
    told = {str(name): _deep_texts(value) for name, value in plain.items()}
    for part, names in _DECIMALS.items():
        if isinstance(held := told.get(part), dict):
            told[part] = {
                name: str(value) if name in names and type(value) is int else value for name, value in held.items()
            }
    return told


def _deep_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _deep_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_deep_texts(each) for each in value]
    return format(value, "f") if isinstance(value, Decimal) else value


def _split(problem: str) -> Problem:
    path, _, sentence = problem.partition(": ")
    return Problem(path, sentence) if sentence else Problem("", path)


def _line(tree: Any, path: str) -> int:
    """The line of what lies deepest on this path, as far as it is there."""
    line = 1
    for name in _names(path):
        found = next(
            (pair for pair in getattr(tree, "value", ()) if isinstance(pair, tuple) and pair[0].value == name), None
        )
        if found is None:
            return line
        line, tree = found[0].start_mark.line + 1, found[1]
    return line


def _names(path: str) -> Iterator[str]:
    return (name.partition("[")[0] for name in path.split(".") if name)
