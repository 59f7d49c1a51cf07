"""The gate's answers as sentences: what people read, and the numbers behind it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import Evidence, Model
from changes.gate.policy_default import default_policy
from changes.gate.sentences import condition_sentence, help_sentence, reason_sentence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Decider, Mode
from tests.changes.gate.scenes import AT, evidence, fact
from tests.changes.gate.test_monotonicity import with_remaining

POLICY = default_policy()


def verdict(**knobs: Any) -> Verdict:
    return decide(evidence(**knobs), POLICY)


def told(found: Verdict) -> str:
    return reason_sentence(found.reasons[0])


def test_a_standard_change_with_headroom_goes_at_once_and_holds_two_percent() -> None:
    found = verdict(history_known=False)
    assert (found.outcome, found.status, found.row) == ("approved", "approved", "standard")
    assert found.reserved == {"availability": Decimal("0.02")}
    assert found.expires_at == AT + timedelta(minutes=30)
    assert told(found) == "availability has 80 % of its budget free."


def test_held_with_three_percent_left_and_what_would_let_it_go() -> None:
    found = verdict(state="constrained", progressive="none", rollback_tested="none")
    assert (found.outcome, found.status) == ("postponed", "pending")
    assert told(found) == "availability has 3.1 % of its budget free, more than 25 % is needed."
    assert [help_sentence(help) for help in found.what_would_help] == [
        "progressive rollout with tested rollback",
        "21.9 % more budget on availability",
    ]
    assert found.not_before == AT + timedelta(minutes=60)
    assert found.deadline == found.not_before + timedelta(hours=24)


def test_a_normal_change_whose_review_is_only_claimed_goes_to_a_peer() -> None:
    found = verdict(change_class="normal", review="claimed")
    assert found.outcome == "peer"
    assert told(found) == "A review by another person is not attested (only claimed)."
    assert found.authority is not None
    assert found.authority.excluded == ("ana", "pipeline")
    assert [help_sentence(help) for help in found.what_would_help] == ["a review by another person"]


def test_two_missing_things_are_named_together() -> None:
    found = verdict(change_class="normal", review="none", backout=False)
    assert [help_sentence(help) for help in found.what_would_help] == ["a backout plan and a review by another person"]


def test_a_rollback_to_an_earlier_success_is_an_exception_even_when_exhausted_and_frozen() -> None:
    found = verdict(purpose="rollback", state="exhausted", calendar="lockdown", change_class="normal")
    assert (found.outcome, found.status, found.reserved) == ("exception", "approved", {})


def test_an_emergency_is_decided_by_one_human_and_reviewed_within_two_business_days() -> None:
    found = decide(replace(evidence(change_class="emergency"), at=AT), POLICY)
    assert found.outcome == "peer"
    assert found.authority is not None
    assert found.authority.decider is Decider.EMERGENCY_AUTHORITY
    assert [condition_sentence(each) for each in found.conditions] == ["Review afterwards, by 20 Nov 2026, 10:00 UTC."]


def test_too_many_emergencies_bring_the_emergency_board_first() -> None:
    found = verdict(change_class="emergency", share="0.2")
    assert found.outcome == "cab"
    assert found.authority is not None
    assert found.authority.decider is Decider.ECAB
    assert told(found) == "20 % of this team's changes are emergencies, up to 10 % are expected."


def test_a_lapsed_policy_leaves_the_decision_to_people() -> None:
    found = decide(evidence(), default_policy(review_on=date(2026, 11, 17)))
    assert found.outcome == "peer"
    assert decide(evidence(), default_policy(review_on=date(2026, 11, 18))).outcome == "approved"


def test_a_security_fix_that_burns_fast_is_its_owners_to_decide() -> None:
    found = verdict(purpose="security_fix", change_class="normal", state="burning_fast")
    assert found.authority is not None
    assert (found.outcome, found.authority.decider) == ("peer", Decider.OWNER)


def test_an_exhausted_neighbour_is_told() -> None:
    found = verdict(reached="exhausted")
    assert found.outcome == "peer"
    assert [condition_sentence(each) for each in found.conditions] == ["Tell web, who own shop."]


def test_shadow_records_the_truth_and_binds_nobody() -> None:
    found = evidence(state="exhausted")
    assert found.reach.value is not None
    direct = tuple(replace(each, mode="shadow") for each in found.reach.value.direct)
    shadowed = replace(found, reach=replace(found.reach, value=replace(found.reach.value, direct=direct)))
    assert (decide(shadowed, POLICY).outcome, decide(shadowed, POLICY).enforced) == ("postponed", False)
    assert decide(found, POLICY).enforced is True
    assert decide(found, default_policy(mode=Mode.SHADOW)).enforced is False


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"approved": False}, "model_not_approved"),
        ({"suspended": True}, "model_suspended"),
        ({"recent_failures": 2}, "model_suspended"),
        ({"caused_p1": 1}, "model_suspended"),
        ({"broken_bounds": ("paths",)}, "outside_bounds"),
        ({"certified_at": AT - timedelta(days=181)}, "certification_lapsed"),
        ({"certified_at": AT + timedelta(days=1)}, "certification_lapsed"),
        ({"certified_at": None}, "certification_lapsed"),
        ({"risk": "none at all"}, "model_not_approved"),
        ({"recent_failures": -1}, "model_suspended"),
    ],
)
def test_a_model_that_does_not_cover_the_change_makes_it_normal(broken: dict[str, Any], why: str) -> None:
    found = evidence(review="none")
    model = replace(Model("deploy", 1, True, "low", certified_at=AT), **broken)
    said = decide(replace(found, change=replace(found.change, model=fact(model))), POLICY)
    assert (said.outcome, said.change_class) == ("peer", "normal")
    assert any(reason.values.get("because") == why for reason in said.reasons)


def test_a_typo_in_the_environment_is_judged_as_production() -> None:
    assert verdict(environment="prodution", state="exhausted").outcome == "postponed"
    assert verdict(environment="staging", state="exhausted").outcome == "approved"


def test_what_does_not_fit_into_the_headroom_waits_in_the_same_row() -> None:
    tight = with_remaining(evidence(), Decimal("0.01"))
    found = decide(tight, POLICY)
    assert (found.outcome, found.row) == ("postponed", "standard")
    assert told(found) == "availability has 1 % free; this change may burn 2 %."


def test_reservations_of_others_count_and_settling_them_helps() -> None:
    crowded = with_remaining(evidence(progressive="none"), Decimal("0.3"), reserved=Decimal("0.06"), reservations=3)
    found = decide(crowded, POLICY)
    assert found.outcome == "postponed"
    assert "changes in flight verified" in [help_sentence(help) for help in found.what_would_help]


def test_the_reservation_follows_history_once_there_is_some() -> None:
    costly = with_remaining(evidence(), Decimal("0.9"), typical_cost=Decimal("0.5"))
    found = decide(costly, POLICY)
    probability = next(each.score for each in found.contributions if each.engine == "history")
    assert Decimal(0) <= found.reserved["availability"] - Decimal(probability) / 2 < Decimal("0.000001")


def test_recovery_says_when_to_come_back() -> None:
    back = AT + timedelta(hours=7)
    waiting = with_remaining(evidence(progressive="none"), Decimal("-0.1"), recovers_at={"0.30": back})
    assert decide(waiting, POLICY).not_before == back + timedelta(hours=1)


@pytest.mark.parametrize(
    ("remaining", "since", "level"),
    [
        ("0.27", timedelta(hours=2), "constrained"),  # above the limit, not above limit + 5 points
        ("0.31", timedelta(minutes=59), "constrained"),  # high enough, not long enough
        ("0.31", timedelta(hours=1), "watch"),
        ("0.52", timedelta(hours=1), "watch"),
        ("0.56", timedelta(hours=1), "healthy"),
        ("0.56", None, "constrained"),
        ("0.10", timedelta(hours=9), "constrained"),
        ("0.00", timedelta(hours=9), "exhausted"),  # down at once
    ],
)
def test_a_level_rises_only_after_an_hour_above_the_margin(remaining: str, since: timedelta | None, level: str) -> None:
    since_at = AT - since if since is not None else None
    found: Evidence = with_remaining(evidence(), Decimal(remaining), stored_level="constrained", better_since=since_at)
    assert decide(found, POLICY).budgets[0].level == level


def test_burn_of_a_dependency_leaves_the_services_own_state() -> None:
    burned = with_remaining(evidence(), Decimal("-0.2"), excused=Decimal("0.9"))
    assert decide(burned, POLICY).budgets[0].headroom == Decimal("0.7")
    assert decide(burned, POLICY).outcome == "approved"
