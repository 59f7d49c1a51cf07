"""Every subset of missing inputs: 2^9 subsets, in each of several scenes; none is approved without all proof."""

from itertools import combinations, product

import pytest

from changes.gate.decide import decide
from changes.gate.policy_default import default_policy
from tests.changes.gate.oracle import expected
from tests.changes.gate.scenes import SCENE, evidence

POLICY = default_policy()
GROUPS = ("reach", "calendar", "incidents", "history", "objectives", "budget", "model", "emergency")
SUBSETS = tuple(subset for size in range(len(GROUPS) + 1) for subset in combinations(GROUPS, size))
NEEDED = {
    "standard": {"reach", "calendar", "incidents", "history", "objectives", "budget"},
    "normal": {"reach", "calendar", "incidents", "history", "objectives", "budget"},
    "emergency": set(GROUPS),
}


@pytest.mark.parametrize("change_class", ["standard", "normal", "emergency"])
@pytest.mark.parametrize("review", ["attested", "none"])
def test_no_subset_of_missing_inputs_is_approved(change_class: str, review: str) -> None:
    for number, missing in enumerate(SUBSETS):
        knobs = {"change_class": change_class, "review": review, "missing": missing, "tier": 1 + number % 4}
        verdict = decide(evidence(**knobs), POLICY, flips=False)
        assert verdict.outcome == expected({**SCENE, **knobs}), knobs
        if NEEDED[change_class] & set(missing):
            assert verdict.outcome != "approved", knobs


@pytest.mark.parametrize("how", ["stale", "future", "undated", "unsourced"])
def test_a_spoilt_input_is_as_good_as_none(how: str) -> None:
    for size, change_class, state in product(
        (1, 2, 8), ("standard", "normal"), ("healthy", "burning_fast", "exhausted")
    ):
        for spoilt in combinations(GROUPS, size):
            knobs = {"change_class": change_class, "state": state, "spoilt": dict.fromkeys(spoilt, how)}
            verdict = decide(evidence(**knobs), POLICY, flips=False)
            assert verdict.outcome == expected({**SCENE, **knobs}), knobs
            if NEEDED[change_class] & set(spoilt):
                assert verdict.outcome != "approved", knobs


def test_an_exception_is_proven_even_when_nothing_can_be_seen() -> None:
    for missing in SUBSETS:
        verdict = decide(evidence(purpose="rollback", missing=missing), POLICY, flips=False)
        assert verdict.outcome == "exception"
        unproven = decide(evidence(purpose="rollback", purpose_proven=False, missing=missing), POLICY, flips=False)
        assert unproven.outcome != "exception"
