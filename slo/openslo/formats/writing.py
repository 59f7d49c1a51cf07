"""YAML for people: fields in the order of the specification, exact decimals, queries as they were written."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml

from itsm.safe_yaml.scalars import resolve

_CORE = "tag:yaml.org,2002:"


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand below their key, one step in."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quoted where YAML 1.2 would read something else, which PyYAML (1.1) does not see; blocks for lines."""
    style = None
    if not text.replace("\n", "").isprintable():
        style = '"'  # the only style that keeps other line breaks and controls
    elif "\n" in text and text == text.strip():
        style = "|"
    elif not isinstance(resolve(text), str):
        style = "'"
    return dumper.represent_scalar(_CORE + "str", text, style=style)


def _decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    written = format(number, "f")
    return dumper.represent_scalar(_CORE + ("float" if "." in written else "int"), written)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _decimal)


def json_of(value: Any) -> str:
    """JSON with exact decimals as numbers, which `json` writes as floats or not at all."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {json_of(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_of, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def yaml_of(documents: Iterable[dict[str, Any]]) -> str:
    return yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096, explicit_start=True
    )  # fmt: skip
