"""Evidence with one thing changed: what its name says, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.amend import attested, refreshed, with_budgets, with_proof, with_reach
from changes.gate.evidence import Budget, Evidence
from changes.gate.facts import Fact
from changes.gate.policy_default import default_policy
from changes.gate.usable_evidence import UsableEvidence
from tests.changes.gate.scenes import AT, budget, evidence, fact

LIMITS = default_policy().limits.freshness_seconds


def usable(found: Fact[Any], name: str = "proof") -> bool:
    return found.trouble(AT, LIMITS[name]) is None


@pytest.mark.parametrize("how", ["stale", "future", "undated", "unsourced"])
def test_what_is_seen_now_can_be_used_and_says_the_same(how: str) -> None:
    spoilt = fact("yes", how, by="bea")
    assert not usable(spoilt)
    again = refreshed(spoilt, AT)
    assert usable(again)
    assert (again.value, again.principal, again.attested, again.observed_at) == ("yes", "bea", True, AT)


def test_its_source_stays_where_it_has_one() -> None:
    assert refreshed(fact("yes"), AT).source == "headroom"


def test_what_is_attested_counts_as_proof_now_and_no_longer_than_policies_allow() -> None:
    found = with_proof(evidence(review="none"), peer_review=attested(True, AT))
    assert UsableEvidence(found, default_policy()).proven(found.proof.peer_review) is True
    later = replace(found, at=AT + timedelta(days=400))
    assert UsableEvidence(later, default_policy()).proven(found.proof.peer_review) is None


def with_two(found: Evidence) -> Evidence:
    def second(reach: Any) -> Any:
        (service,) = reach.direct
        latency = fact(budget({"state": "exhausted", "trust": "1", "measured_alone": False}))
        return replace(reach, direct=(replace(service, budgets={**service.budgets, "latency": latency}),))

    return with_reach(found, second)


def test_only_the_named_budgets_are_changed() -> None:
    found = with_two(evidence())
    more = Decimal("0.123")

    def raised(told: Fact[Budget]) -> Fact[Budget]:
        assert told.value is not None
        return replace(told, value=replace(told.value, remaining=more))

    changed = with_budgets(found, frozenset({"latency"}), raised)
    before, after = (each.reach.value.direct[0].budgets for each in (found, changed) if each.reach.value)
    assert after["availability"] == before["availability"]
    assert after["latency"].value.remaining == more != before["latency"].value.remaining
    assert replace(changed, reach=found.reach) == found


def test_an_unknown_reach_stays_unknown() -> None:
    blind = evidence(missing=("reach",))
    assert with_budgets(blind, frozenset({"availability"}), lambda told: told) == blind


def test_only_the_named_proof_is_changed() -> None:
    found = evidence(review="none")
    changed = with_proof(found, peer_review=fact(True, by="bea"))
    assert changed.proof.peer_review.value is True
    assert replace(changed, proof=replace(changed.proof, peer_review=found.proof.peer_review)) == found
