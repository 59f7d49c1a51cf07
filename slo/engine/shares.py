"""Whose an outage is: its cost shared among its causes, and of each cause among those who own it. Exact fractions.

Of the causes that are not ruled out those that somebody confirmed count alone, and alike; where nobody confirmed one,
each counts by its score. What nobody owns stays with nobody, so that all shares together are the cost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

CONFIRMED, RULED_OUT = "confirmed", "ruled_out"
# The incident that this very burn opened is a poor cause, and yet the sign of the problem behind it.
SIGN = 100


@dataclass(frozen=True, slots=True)
class WeighedCause:
    """One cause of one outage: `score` 0-100; `owners`: the problems that own the record, each once."""

    reference: str
    verdict: str
    score: int
    opened_by_this_burn: bool = False
    owners: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one owner (None: nobody) has of an outage by one cause ("": none is known): a share of the budget."""

    owner: int | None
    reference: str
    share: Fraction


def shares_of(cost: Fraction, causes: Sequence[WeighedCause]) -> list[Share]:
    """The shares of an outage that cost so much of a budget; they sum to the cost, whatever the causes."""
    weighed = _weighed(causes)
    if not weighed:
        return [Share(None, "", cost)]
    whole = sum(weight for _cause, weight in weighed)
    found = []
    for cause, weight in weighed:
        owners: tuple[int | None, ...] = cause.owners or (None,)
        part = cost * Fraction(weight, whole * len(owners))
        found += [Share(owner, cause.reference, part) for owner in owners]
    return found


def _weighed(causes: Iterable[WeighedCause]) -> list[tuple[WeighedCause, int]]:
    standing = [one for one in causes if one.verdict != RULED_OUT]
    if confirmed := [one for one in standing if one.verdict == CONFIRMED]:
        return [(one, 1) for one in confirmed]
    weights = [SIGN if one.opened_by_this_burn else one.score for one in standing]
    if not any(weights):
        weights = [1] * len(standing)
    return [(one, weight) for one, weight in zip(standing, weights, strict=True) if weight]
