"""Evidence with one thing changed: the building blocks of "what if".

Promise: each function returns new evidence that differs only in what its name says; the original stays as it was.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from changes.gate.evidence import Budget, DirectService, Evidence, Reach
from changes.gate.facts import AnyFact, Fact

T = TypeVar("T")
SOMEBODY_ELSE = "somebody without interest"
A_MONTH = 30 * 86_400


def attested(value: T, at: datetime) -> Fact[T]:
    """A fresh fact that somebody without interest stands behind."""
    return Fact(value, "attested", SOMEBODY_ELSE, True, at, 0, A_MONTH)


def refreshed(fact: Fact[T], at: datetime) -> Fact[T]:
    """The same value, seen now."""
    return replace(fact, observed_at=at, age_seconds=0, fresh_for_seconds=A_MONTH, source=fact.source or "fresh")


def with_proof(evidence: Evidence, **facts: AnyFact) -> Evidence:
    """The same evidence with these facts in place of its proof's."""
    return replace(evidence, proof=replace(evidence.proof, **facts))


def with_reach(evidence: Evidence, change: Callable[[Reach], Reach]) -> Evidence:
    """The same evidence with its reach changed; as it was where the reach is unknown."""
    reach = evidence.reach.value
    return evidence if reach is None else replace(evidence, reach=replace(evidence.reach, value=change(reach)))


def with_budgets(
    evidence: Evidence, objectives: frozenset[str], change: Callable[[Fact[Budget]], Fact[Budget]]
) -> Evidence:
    """Every named objective's budget changed."""

    def of_service(service: DirectService) -> DirectService:
        budgets = {slug: change(fact) if slug in objectives else fact for slug, fact in service.budgets.items()}
        return replace(service, budgets=budgets)

    return with_reach(evidence, lambda reach: replace(reach, direct=tuple(of_service(each) for each in reach.direct)))
