"""Why the answer is what it is, in the order in which a person wants to read it."""

from typing import NamedTuple

from changes.change.queries.evidence_rows import worded
from changes.change.queries.headlines import cell, deciding_rule
from changes.change.queries.risk_words import by_risk
from changes.change.queries.verdicts import Explained


class Explanation(NamedTuple):
    """The deciding sentence, and what stands beside it."""

    lead: str
    beside: list[str]


def explanation(said: Explained) -> Explanation:
    """The rule of the policy where it decides, else what spoke first."""
    rule = cell(said)
    first = worded(said.reasons[0], said) if said.reasons else rule
    if deciding_rule(said):
        beside = said.reasons[: 2 if by_risk(said.verdict) else 1]
        return Explanation(rule, [worded(one, said) for one in beside])
    return Explanation(first, [rule] if rule and rule != first else [])
