"""What the gate's evidence is gathered from: inputs that nothing gathers are marked, and none is marked by mistake."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from changes.change.queries import evidence as gathering
from changes.gate import evidence, proof_evidence

GATHERERS = Path(gathering.__file__).parent
SHAPES: dict[str, Any] = {
    name: shape
    for module in (evidence, proof_evidence)
    for name, shape in vars(module).items()
    if isinstance(shape, type) and hasattr(shape, "__dataclass_fields__") and name not in {"Fact"}
}
# Nobody makes these: what would prove a purpose that no record of Headroom knows yet.
UNMADE = {"FlagSwitch", "Fact"}


def _filled() -> Iterator[str]:
    """Every input that some gatherer gives, by its name or by its place."""
    for path in GATHERERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in SHAPES:
                order = [field.name for field in fields(SHAPES[name])]
                spread = any(isinstance(each, ast.Starred) for each in node.args)
                by_place = order if spread else order[: len(node.args)]
                yield from (f"{name}.{field}" for field in by_place)
                yield from (f"{name}.{word.arg}" for word in node.keywords if word.arg)


def test_what_nothing_gathers_is_marked_and_nothing_else() -> None:
    found = set(_filled())
    made = {name for name in SHAPES if any(one.startswith(f"{name}.") for one in found)}
    every = {f"{name}.{field.name}" for name in made for field in fields(SHAPES[name])}
    assert every - found == evidence.NOT_GATHERED_YET
    assert set(SHAPES) - made == UNMADE & set(SHAPES)


@pytest.mark.parametrize("name", sorted(evidence.NOT_GATHERED_YET))
def test_what_is_marked_exists(name: str) -> None:
    shape, _, field = name.partition(".")
    assert field in SHAPES[shape].__dataclass_fields__
