"""Whether changes that people decided about failed less often than those that went by themselves. Pure.

Promise: only like is compared with like (risk, kind, service tier, quarter), one with one; who looks at a history in
which deciding had no effect is told of one in at most 5 of 100, whatever was decided by whom; where there is too little
to compare the answer is `insufficient`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

LEAST_PAIRS = 30
_CHANCE = 0.05  # of claiming an effect where there is none
_Z = 1.959964  # 95 %
RISKS = ("low", "medium", "high")


class Answer(StrEnum):
    """What the matched pairs say of the changes that people decided about."""

    INSUFFICIENT = "insufficient"
    NO_DIFFERENCE = "no_difference"
    FEWER_FAILURES = "fewer_failures"
    MORE_FAILURES = "more_failures"


ANSWERS = [(one.value, one.value) for one in Answer]


class Stratum(NamedTuple):
    """Changes that may be compared: of each whether it failed, in the order in which they were decided."""

    risk: str
    people: Sequence[bool]
    automatic: Sequence[bool]


class Share(NamedTuple):
    """`failed` of `changes`, and the 95 % interval (Wilson) of that share; None where there is none."""

    changes: int
    failed: int

    @property
    def share(self) -> float | None:
        return self.failed / self.changes if self.changes else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.changes:
            return None
        n, p = self.changes, self.failed / self.changes
        middle, half = p + _Z**2 / (2 * n), _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
        whole = 1 + _Z**2 / n
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


class Pairs(NamedTuple):
    """Matched one with one: how many, and in how many of them only the one failed."""

    number: int
    only_people: int
    only_automatic: int


class Compared(NamedTuple):
    """One risk class: all of its changes, the pairs among them, and what these say."""

    risk: str
    people: Share
    automatic: Share
    pairs: Pairs
    answer: Answer


def compared(strata: Iterable[Stratum]) -> list[Compared]:
    """Every risk class, the lowest first; a risk that is not known is said after them."""
    by_risk: dict[str, list[Stratum]] = {risk: [] for risk in RISKS}
    for stratum in strata:
        by_risk.setdefault(stratum.risk, []).append(stratum)
    pairs = {risk: _paired(those) for risk, those in by_risk.items()}
    # Each class that is asked about could claim something by chance: together they may as often as one.
    asked = sum(one.number >= LEAST_PAIRS for one in pairs.values())
    return [
        Compared(
            risk,
            _share(stratum.people for stratum in those),
            _share(stratum.automatic for stratum in those),
            pairs[risk],
            answer(pairs[risk], asked),
        )
        for risk, those in by_risk.items()
        if risk in RISKS or those
    ]


def answer(pairs: Pairs, asked: int = 1) -> Answer:
    """By McNemar's exact test; `asked`: of how many risk classes the question is asked at once."""
    if pairs.number < LEAST_PAIRS:
        return Answer.INSUFFICIENT
    if chance(pairs.only_people, pairs.only_automatic) * max(asked, 1) > _CHANCE:
        return Answer.NO_DIFFERENCE
    return Answer.FEWER_FAILURES if pairs.only_people < pairs.only_automatic else Answer.MORE_FAILURES


def chance(one: int, other: int) -> float:
    """How likely a difference of at least this size is where each of the two is as likely as the other."""
    n, least = one + other, min(one, other)
    below = sum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(least + 1))
    return min(1.0, 2 * below)


def _paired(strata: Iterable[Stratum]) -> Pairs:
    """Whoever has fewer is matched whole; of the others every so manieth, whatever came of it."""
    found = [0, 0, 0]
    for _risk, people, automatic in strata:
        count = min(len(people), len(automatic))
        for n in range(count):
            by_people, by_itself = people[n * len(people) // count], automatic[n * len(automatic) // count]
            found[0] += 1
            found[1] += by_people and not by_itself
            found[2] += by_itself and not by_people
    return Pairs(*found)


def _share(parts: Iterable[Sequence[bool]]) -> Share:
    kept = list(parts)
    return Share(sum(map(len, kept)), sum(map(sum, kept)))
