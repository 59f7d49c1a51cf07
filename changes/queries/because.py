"""Why the answer is what it is, in the order in which a person wants to read it."""

from typing import NamedTuple

from changes.gate.verdict import Reason
from changes.gate.vocabulary import Outcome, Risk
from changes.queries.exhibits import risk_sentence, worded
from changes.queries.headlines import cell
from changes.queries.verdicts import Explained

_PEOPLE = (Outcome.PEER, Outcome.CAB)


class Because(NamedTuple):
    """The deciding sentence, and what stands beside it."""

    lead: str
    beside: list[str]


def because(said: Explained) -> Because:
    """A budget that is well above its limit does not hold a change: then the policy's rule says why people decide."""
    rule = cell(said)
    first = worded(said.reasons[0], said) if said.reasons else rule
    if rule and said.reasons and said.verdict.outcome in _PEOPLE and _is_well(said.reasons[0].reason):
        risk = [] if said.verdict.risk is Risk.LOW else [risk_sentence(said)]
        return Because(rule, [*risk, first])
    return Because(first, [rule] if rule and rule != first else [])


def _is_well(reason: Reason) -> bool:
    return reason.code.startswith("budget_") and bool(reason.margin) and not reason.margin.startswith("-")
