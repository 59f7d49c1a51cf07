"""One remedy: the steps it consists of, in code and values, and the evidence after applying it."""

from collections.abc import Callable
from dataclasses import dataclass

from changes.gate.evidence import Evidence
from changes.gate.verdict import HelpStep, Values

Apply = Callable[[Evidence], Evidence]


@dataclass(frozen=True, slots=True)
class Remedy:
    """Steps for people, and the same done to the evidence, so that the gate can be asked what it would say."""

    steps: tuple[HelpStep, ...]
    apply: Apply


def remedy(code: str, apply: Apply, values: Values | None = None) -> Remedy:
    """A remedy of one step."""
    return Remedy((HelpStep(code, values or {}),), apply)
