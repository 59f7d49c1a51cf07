"""Which row of the table judges a change, what its bad news adds, and what is offered as help."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.policy_default import default_policy
from changes.gate.verdict import Verdict
from tests.changes.gate.scenes import evidence, with_budget

POLICY = default_policy()


def judged(*, what_would_help: bool = False, **knobs: Any) -> Verdict:
    return decide(evidence(**knobs), POLICY, what_would_help=what_would_help)


@pytest.mark.parametrize(
    ("knobs", "outcome", "row"),
    [
        ({"change_class": "normal"}, "approved", "normal_low"),
        ({"change_class": "normal", "purpose": "security_fix"}, "peer", "security_fix"),
        ({"change_class": "normal", "purpose": "security_fix", "purpose_proven": False}, "approved", "normal_low"),
        ({"change_class": "normal", "purpose": "reliability_fix", "state": "constrained"}, "peer", "reliability_fix"),
        ({"change_class": "standard", "purpose": "security_fix"}, "approved", "standard"),
    ],
)
def test_a_proven_purpose_takes_the_place_of_a_normal_change(knobs: dict[str, Any], outcome: str, row: str) -> None:
    """A security fix is looked at by a person even where a plain change would go by itself."""
    verdict = judged(**knobs)
    assert (verdict.outcome, verdict.row) == (outcome, row)


def test_failed_tests_are_said_beside_the_stricter_answer_and_nothing_else_of_the_kinder_one() -> None:
    """With them the risk is medium, and the board could be asked; without, it waits: it waits, and they are told."""
    verdict = judged(change_class="normal", state="constrained", tests_failed=2)
    assert (verdict.outcome, verdict.row, verdict.risk) == ("postponed", "normal_low", "medium")
    assert [(reason.code, reason.outcome) for reason in verdict.reasons] == [
        ("budget_constrained", "postponed"), ("tests_failed", "peer"),
    ]  # fmt: skip


@pytest.mark.parametrize("risk", ["medium", "high"])
def test_settling_a_conflict_is_offered_by_its_name(risk: str) -> None:
    offered = judged(what_would_help=True, change_class="normal", risk=risk).what_would_help
    assert [(one.code, one.outcome, one.values) for one in offered] == [
        ("conflicts_resolved", "approved", {"changes": "CHG-9"})
    ]


def test_an_authority_of_one_person_who_has_a_minute_is_an_authority() -> None:
    least = {who: replace(rule, quorum=1, due_minutes=1) for who, rule in POLICY.authorities.items()}
    verdict = decide(evidence(change_class="normal", review="none"), replace(POLICY, authorities=least))
    assert verdict.authority is not None
    assert verdict.authority.quorum == 1


@pytest.mark.parametrize("missing", [{"quorum": 0}, {"due_minutes": 0}, {"role": "\u200b"}])
def test_one_of_nobody_or_without_time_is_none(missing: dict[str, Any]) -> None:
    for who, rule in POLICY.authorities.items():
        with pytest.raises(ValueError, match=f"authorities.{who}"):
            replace(POLICY, authorities={**POLICY.authorities, who: replace(rule, **missing)})


def test_a_reason_says_how_fast_the_budget_burns() -> None:
    """In tenths, of the windows that page."""
    burns = {"1h": Decimal("14.44"), "6h": Decimal("6.14"), "3d": Decimal(2)}
    verdict = decide(with_budget(evidence(state="burning_fast"), burns=burns), POLICY)
    (reason,) = [one for one in verdict.reasons if one.code == "budget_burning_fast"]
    assert (reason.values["burn_1h"], reason.values["burn_6h"]) == ("14.4", "6.1")
    assert "burn_3d" not in reason.values
