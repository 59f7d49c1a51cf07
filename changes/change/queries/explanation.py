"""Why the answer is what it is, in the order in which a person wants to read it."""

from typing import NamedTuple

from changes.change.queries.evidence_rows import worded
from changes.change.queries.headlines import cell
from changes.change.queries.risk_words import by_risk, is_well
from changes.change.queries.verdicts import Explained
from changes.gate.vocabulary import Outcome

_PEOPLE = (Outcome.PEER, Outcome.CAB)


class Explanation(NamedTuple):
    """The deciding sentence, and what stands beside it."""

    lead: str
    beside: list[str]


def explanation(said: Explained) -> Explanation:
    """A budget that is well above its limit does not hold a change: then the policy's rule says why people decide."""
    rule = cell(said)
    first = worded(said.reasons[0], said) if said.reasons else rule
    if rule and said.reasons and said.verdict.outcome in _PEOPLE and is_well(said.verdict.reasons[0]):
        beside = said.reasons[: 2 if by_risk(said.verdict) else 1]
        return Explanation(rule, [worded(one, said) for one in beside])
    return Explanation(first, [rule] if rule and rule != first else [])
