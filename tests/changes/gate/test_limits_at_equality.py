"""Every limit of the gate at the very value: which side it belongs to, and the next value on the other side."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import History, ReachedService
from changes.gate.policy import Policy
from changes.gate.policy_default import default_policy
from changes.gate.risk import assess, failure_probability
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import ChangeClass, Engine
from tests.changes.gate.scenes import evidence, fact, with_budget

POLICY = default_policy()
SMALLEST = Decimal("0.000001")


def judged(scene: Mapping[str, Any] | None = None, /, **figures: Any) -> Verdict:
    return decide(with_budget(evidence(**scene or {}), **figures), POLICY, what_would_help=False)


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


@pytest.mark.parametrize(("less", "outcome"), [(Decimal(0), "approved"), (SMALLEST, "postponed")])
def test_a_reservation_that_exactly_fits_is_held(less: Decimal, outcome: str) -> None:
    """0.02 is held of each budget; a constrained one with exactly that much left has room for it, and then none."""
    needed = POLICY.limits.reservation_ratio
    verdict = judged({"history_known": False}, remaining=needed - less)
    assert (verdict.outcome, "reservation_does_not_fit" in codes(verdict)) == (outcome, outcome == "postponed")
    assert verdict.reserved == ({} if less else {"availability": needed})


@pytest.mark.parametrize(("mine", "outcome"), [("0.38", "approved"), ("0.380001", "postponed")])
def test_the_fair_share_may_be_used_up(mine: str, outcome: str) -> None:
    """Half of what is free belongs to one asker: of 0.8, 0.4; with 0.02 more to be held."""
    held = Decimal(mine)
    verdict = judged({"history_known": False}, remaining=Decimal("0.8"), reserved=held, reserved_by_asker=held)
    assert (verdict.outcome, "fair_share" in codes(verdict)) == (outcome, outcome == "postponed")


@pytest.mark.parametrize(("allowed", "column"), [("10", "healthy"), ("9.999999", "low_confidence")])
def test_ten_allowed_failures_are_enough(allowed: str, column: str) -> None:
    verdict = judged(allowed_failures=Decimal(allowed))
    assert [one.column for one in verdict.budgets] == [column]
    alone = any(condition.code == "one_at_a_time" for condition in verdict.conditions)
    assert alone is (column == "low_confidence")


@pytest.mark.parametrize(("coverage", "column"), [("0.9", "healthy"), ("0.899999", "low_confidence")])
def test_nine_tenths_of_the_window_are_enough(coverage: str, column: str) -> None:
    assert [one.column for one in judged(coverage=Decimal(coverage)).budgets] == [column]


@pytest.mark.parametrize(
    ("remaining", "column"),
    [
        ("0.500001", "healthy"), ("0.5", "watch"), ("0.250001", "watch"), ("0.25", "constrained"),
        ("0.000001", "constrained"), ("0", "exhausted"),
    ],
)  # fmt: skip
def test_a_level_lies_above_its_limit(remaining: str, column: str) -> None:
    assert [one.column for one in judged(remaining=Decimal(remaining)).budgets] == [column]


def graded(engine: Engine, policy: Policy, **knobs: Any) -> str:
    """What one engine says of a normal change under this policy."""
    found = evidence(change_class="normal", **knobs)
    return of(engine, UsableEvidence(found, policy))


def of(engine: Engine, case: UsableEvidence) -> str:
    _, contributions = assess(case, ChangeClass.NORMAL)
    return next(each.risk.value for each in contributions if each.engine is engine)


@pytest.mark.parametrize(
    ("medium", "high", "risk"),
    [(Decimal(0), SMALLEST, "medium"), (SMALLEST, 2 * SMALLEST, "low"), (-SMALLEST, Decimal(0), "high")],
)
def test_a_failure_probability_at_the_limit_is_graded_up(medium: Decimal, high: Decimal, risk: str) -> None:
    """The limits are laid around what history says: at it, and just beyond it."""
    seen = failure_probability(UsableEvidence(evidence(change_class="normal"), POLICY))
    assert seen is not None
    limits = replace(POLICY.risk, medium_from=seen + medium, high_from=seen + high)
    assert graded(Engine.HISTORY, replace(POLICY, risk=limits)) == risk


@pytest.mark.parametrize(
    ("tiers", "risk"),
    [((1, 1, 2, 3), "low"), ((1, 1, 1), "medium"), ((1,) * 7 + (2, 3), "medium"), ((1,) * 8, "high")],
)
def test_a_blast_radius_at_the_limit_is_graded_up(tiers: tuple[int, ...], risk: str) -> None:
    """Tiers weigh 8, 4, 2 and 1; from 24 on the risk is medium, from 64 on high."""
    found = evidence(change_class="normal")
    reached = tuple(ReachedService(f"service-{place}", tier, "healthy", "web") for place, tier in enumerate(tiers))
    assert found.reach.value is not None
    wide = replace(found, reach=fact(replace(found.reach.value, reached=reached)))
    assert of(Engine.BLAST_RADIUS, UsableEvidence(wide, POLICY)) == risk


@pytest.mark.parametrize(("score", "risk"), [(9, "low"), (10, "medium"), (19, "medium"), (20, "high")])
def test_answers_at_the_limit_are_graded_up(score: int, risk: str) -> None:
    limits = replace(POLICY.risk, questionnaire={"how far": {"this far": score}})
    found = evidence(change_class="normal")
    answered = replace(found, change=replace(found.change, answers={"how far": "this far"}))
    assert of(Engine.QUESTIONNAIRE, UsableEvidence(answered, replace(POLICY, risk=limits))) == risk


@pytest.mark.parametrize(("runs", "known"), [(0, False), (1, True)])
def test_one_run_makes_a_history(runs: int, known: bool) -> None:
    found = evidence(change_class="normal")
    seen = replace(found, history=fact(History(runs, Decimal(runs), Decimal(0))))
    assert ("needs_history_known" not in codes(decide(seen, POLICY, what_would_help=False))) is known


@pytest.mark.parametrize(("share", "outcome"), [("0.10", "peer"), ("0.100001", "cab")])
def test_a_tenth_of_all_changes_may_be_emergencies(share: str, outcome: str) -> None:
    verdict = decide(evidence(change_class="emergency", share=share), POLICY, what_would_help=False)
    assert ("emergency_share" in codes(verdict)) is (share != "0.10")


@pytest.mark.parametrize(
    ("state", "calendar"),
    [
        ("burning_fast", None),
        ("major", None),
        ("burning_fast", "freeze"),
        ("healthy", "freeze"),
        ("healthy", "lockdown"),
    ],
)
def test_what_is_postponed_has_no_conditions(state: str, calendar: str | None) -> None:
    """Nothing may go, so there is nothing to keep to: of a budget that takes one change at a time as well."""
    verdict = judged({"state": state, "calendar": calendar}, allowed_failures=Decimal(3))
    assert (verdict.outcome, verdict.conditions) == ("postponed", ())


def test_what_is_blocked_has_none_either() -> None:
    scene = {"change_class": "normal", "risk": "high", "state": "burning_fast"}
    verdict = judged(scene, allowed_failures=Decimal(3))
    assert (verdict.outcome, verdict.conditions) == ("blocked", ())
