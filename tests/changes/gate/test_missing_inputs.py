"""Every subset of missing inputs: 2^8 subsets, in each of several scenes; none is approved without all proof."""

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
        verdict = decide(evidence(**knobs), POLICY, what_would_help=False)
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
            verdict = decide(evidence(**knobs), POLICY, what_would_help=False)
            assert verdict.outcome == expected({**SCENE, **knobs}), knobs
            if NEEDED[change_class] & set(spoilt):
                assert verdict.outcome != "approved", knobs


@pytest.mark.parametrize("trust", [None, "0", "0.79", "-1", "1.000001", "7", "NaN", "Infinity", "1E+400"])
def test_missing_low_or_odd_trust_is_never_approved(trust: str | None) -> None:
    """Beside every subset of other missing inputs, and alone."""
    scenes = product(
        ("standard", "normal"), ("healthy", "watch", "constrained"), SUBSETS[:: 1 if trust is None else 17]
    )
    for change_class, state, missing in scenes:
        knobs = {"change_class": change_class, "state": state, "missing": missing, "trust": trust}
        verdict = decide(evidence(**knobs), POLICY, what_would_help=False)
        assert verdict.outcome == expected({**SCENE, **knobs}), knobs
        assert verdict.outcome != "approved", knobs


def test_an_exception_is_proven_even_when_nothing_can_be_seen() -> None:
    for missing in SUBSETS:
        verdict = decide(evidence(purpose="rollback", missing=missing), POLICY, what_would_help=False)
        assert verdict.outcome == "exception", missing
        unproven = decide(
            evidence(purpose="rollback", purpose_proven=False, missing=missing), POLICY, what_would_help=False
        )
        assert unproven.outcome != "exception", missing
