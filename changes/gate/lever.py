"""One lever: the steps it consists of, in code and values, and the evidence after pulling it."""

from collections.abc import Callable
from dataclasses import dataclass

from changes.gate.evidence import Evidence
from changes.gate.verdict import FlipStep, Values

Pull = Callable[[Evidence], Evidence]


@dataclass(frozen=True, slots=True)
class Lever:
    steps: tuple[FlipStep, ...]
    pull: Pull


def lever(code: str, pull: Pull, values: Values | None = None) -> Lever:
    return Lever((FlipStep(code, values or {}),), pull)
