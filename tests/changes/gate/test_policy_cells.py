"""Every cell of the policy, crossed with everything that can change its answer, against the independent oracle."""

from itertools import product

import pytest

from changes.gate.decide import decide
from changes.gate.policy_default import default_policy
from tests.changes.gate.oracle import expected
from tests.changes.gate.scenes import SCENE, evidence

POLICY = default_policy()
CLASSES = ("standard", "normal", "emergency", "wizardry")
PURPOSES = ("feature", "reliability_fix", "security_fix", "rollback", "flag_off")
STATES = (
    "healthy", "watch", "constrained", "recovering", "exhausted", "low_confidence", "unmeasured",
    "not_yet_measured", "no_data",
    "burning_fast", "major",
)  # fmt: skip
RISKS = ("low", "medium", "high")
REACHED = (None, "healthy", "watch", "exhausted", "burning_fast", "no_data", "major", "unheard_of")
CALENDARS = (None, "maintenance", "freeze", "blackout", "lockdown")


def agree(**knobs: object) -> None:
    verdict = decide(evidence(**knobs), POLICY, what_would_help=False)
    assert verdict.outcome == expected({**SCENE, **knobs}), knobs


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_each_cell_says_what_the_design_says(state: str, environment: str) -> None:
    tiers = (1, 3) if state == "unmeasured" else (2,)
    for change_class, purpose, risk, tier, proven in product(CLASSES, PURPOSES, RISKS, tiers, (True, False)):
        agree(
            change_class=change_class,
            purpose=purpose,
            risk=risk,
            tier=tier,
            purpose_proven=proven,
            state=state,
            environment=environment,
        )


@pytest.mark.parametrize("state", STATES)
def test_proof_counts_only_when_it_is_attested_by_somebody_else(state: str) -> None:
    kinds = ("attested", "claimed", "self", "none", "stale")
    for change_class, review, steps, known in product(("standard", "normal"), kinds, kinds[:3], (True, False)):
        for backout, failed in product((True, False), (0, 3)):
            agree(
                change_class=change_class,
                state=state,
                review=review,
                progressive=steps,
                history_known=known,
                backout=backout,
                tests_failed=failed,
            )


def test_an_unmeasured_service_is_judged_by_its_tier() -> None:
    for change_class, tier, risk, purpose in product(CLASSES, (None, 0, 1, 2, 3, 4, 5), RISKS, PURPOSES):
        known = tier if tier in (1, 2, 3, 4) else 1
        verdict = decide(
            evidence(change_class=change_class, state="unmeasured", tier=tier, risk=risk, purpose=purpose), POLICY
        )
        scene = {"change_class": change_class, "state": "unmeasured", "tier": known, "risk": risk, "purpose": purpose}
        assert verdict.outcome == expected({**SCENE, **scene}), (scene, tier)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_calendar_comes_before_every_budget(calendar: str | None) -> None:
    for change_class, purpose, state, environment in product(CLASSES, PURPOSES, STATES, ("production", "staging")):
        agree(change_class=change_class, purpose=purpose, state=state, environment=environment, calendar=calendar)


@pytest.mark.parametrize("reached", REACHED)
def test_a_service_that_is_only_reached_holds_or_warns(reached: str | None) -> None:
    for change_class, purpose, state, risk in product(CLASSES, PURPOSES, STATES, ("low",)):
        agree(change_class=change_class, purpose=purpose, state=state, risk=risk, reached=reached)


@pytest.mark.parametrize("state", STATES)
def test_an_emergency_needs_a_confirmed_incident_and_a_sane_path(state: str) -> None:
    for confirmed, share, overdue, purpose in product((True, False), ("0.02", "0.10", "0.11"), (0, 1), PURPOSES):
        agree(
            change_class="emergency",
            state=state,
            emergency_confirmed=confirmed,
            share=share,
            overdue=overdue,
            purpose=purpose,
        )


def test_a_purpose_that_its_own_author_proves_is_a_feature() -> None:
    for purpose, by, state in product(PURPOSES, ("ana", "pipeline", "", "bea"), STATES):
        agree(change_class="normal", purpose=purpose, purpose_by=by, state=state)


def test_an_answer_without_people_is_bound_to_one_artifact() -> None:
    for artifact, change_class, purpose, environment in product(
        ("digest", "tag", "none"), CLASSES, PURPOSES, ("production", "staging")
    ):
        agree(artifact=artifact, change_class=change_class, purpose=purpose, environment=environment)
        if artifact != "digest" and environment == "production" and purpose != "flag_off":
            verdict = decide(evidence(artifact=artifact, change_class=change_class, purpose=purpose), POLICY)
            assert verdict.outcome not in ("approved", "exception")


@pytest.mark.parametrize("alone", [True, "allowed"])
def test_what_only_who_wants_the_change_measures_asks_for_a_person(alone: bool | str) -> None:
    for change_class, purpose, state, environment in product(CLASSES, PURPOSES, STATES, ("production", "staging")):
        agree(change_class=change_class, purpose=purpose, state=state, environment=environment, measured_alone=alone)
