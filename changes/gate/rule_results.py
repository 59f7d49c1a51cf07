"""What one rule asks for; the strictest ask wins.

Promise: a decision is a list of asks and nothing else, so every rule that spoke can be shown with its reason.
"""

from dataclasses import dataclass
from datetime import datetime

from changes.gate.verdict import Condition, Reason
from changes.gate.vocabulary import Decider, Outcome, strictness


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule asks for, and why."""

    outcome: Outcome | None  # None: this rule only informs, or only sets conditions
    reason: Reason
    decider: Decider | None = None
    team: str = ""
    conditions: tuple[Condition, ...] = ()
    not_before: datetime | None = None  # for postponed


def strictest(asks: list[RuleResult]) -> Outcome:
    """The strictest outcome asked for. Nobody asking for anything means that nothing is known: the board."""
    return max((ask.outcome for ask in asks if ask.outcome is not None), key=strictness, default=Outcome.CAB)
