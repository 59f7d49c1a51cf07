"""Which values of an attribute a filter in a path means."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.scim.errors import invalid_path
from itsm.scim.grammar import Compared, Joined, Negated, Node, Within


def meets(node: Node) -> Callable[[Any], bool]:
    """Whether one value of an attribute meets a filter. Texts are compared without regard to case."""

    def judge(node: Node, one: Mapping[str, Any]) -> bool:
        match node:
            case Compared():
                return _compared(node, one)
            case Joined(word="and", parts=parts):
                return all(judge(part, one) for part in parts)
            case Joined(parts=parts):
                return any(judge(part, one) for part in parts)
            case Negated(inner=inner):
                return not judge(inner, one)
            case Within():
                raise invalid_path(_("A filter within a filter is not taken here."))

    return lambda one: isinstance(one, Mapping) and judge(node, one)


def _compared(node: Compared, one: Mapping[str, Any]) -> bool:
    held = next((value for name, value in one.items() if str(name).lower() == node.attribute), None)
    if node.operator == "pr":
        return held is not None and held not in ("", [])
    wanted = node.value
    if isinstance(held, str) and isinstance(wanted, str):
        held, wanted = held.casefold(), wanted.casefold()
        match node.operator:
            case "co":
                return wanted in held
            case "sw":
                return held.startswith(wanted)
            case "ew":
                return held.endswith(wanted)
    if node.operator == "eq":
        return bool(held == wanted and isinstance(held, bool) == isinstance(wanted, bool))
    if node.operator == "ne":
        return bool(held != wanted)
    raise invalid_path(_("Values are chosen by eq, ne, co, sw, ew and pr."))
