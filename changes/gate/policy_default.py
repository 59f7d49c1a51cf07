"""The default policy as data: every cell written out, every number in one place.

Promise: `default_policy()` is total and valid; a shop that never opens the policy editor is ruled by this table.
"""

from datetime import date
from decimal import Decimal

from changes.gate.limits import Limits, RiskLimits
from changes.gate.policy import AuthorityRule, Policy
from changes.gate.table import Cell
from changes.gate.vocabulary import Column, ConditionCode, ConflictKind, Decider, Engine, Mode, Need, Outcome, Risk, Row
from slo.engine import levels
from slo.engine.states import Level

SLUG = "default"  # the policy that rules the gate, in all its versions

REVIEW_ON = date(2027, 12, 31)
PROGRESSIVE = ConditionCode.PROGRESSIVE
ONE_AT_A_TIME = ConditionCode.ONE_AT_A_TIME
REVIEW = ConditionCode.REVIEW_AFTERWARDS
NOTIFY = ConditionCode.NOTIFY_OWNER

APPROVED = Cell(Outcome.APPROVED)
APPROVED_PROGRESSIVE = Cell(Outcome.APPROVED, conditions=(PROGRESSIVE,))
APPROVED_WATCHED = Cell(Outcome.APPROVED, conditions=(PROGRESSIVE, REVIEW))
IF_TESTED_WAY_BACK = Cell(Outcome.APPROVED, (Need.PROGRESSIVE, Need.ROLLBACK_TESTED), Outcome.POSTPONED, (PROGRESSIVE,))
IF_REVIEWED = Cell(Outcome.APPROVED, (Need.PEER_REVIEW, Need.HISTORY_KNOWN), Outcome.PEER)
PEER = Cell(Outcome.PEER)
PEER_CAREFULLY = Cell(Outcome.PEER, conditions=(PROGRESSIVE, ONE_AT_A_TIME))
PEER_AND_TELL = Cell(Outcome.PEER, conditions=(NOTIFY,))
OWNER = Cell(Outcome.PEER, decider=Decider.OWNER)
CAB = Cell(Outcome.CAB)
POSTPONED = Cell(Outcome.POSTPONED)
BLOCKED = Cell(Outcome.BLOCKED)
EXCEPTION = Cell(Outcome.EXCEPTION)
EMERGENCY = Cell(Outcome.PEER, conditions=(REVIEW,), decider=Decider.EMERGENCY_AUTHORITY)

COLUMNS = tuple(Column)
# In the order of vocabulary.Column.
# fmt: off
CELLS: dict[Row, tuple[Cell, ...]] = {
    #                     healthy               watch        constrained         recovering
    #                     exhausted             low_conf.    unmeasured 1-2      unmeasured 3-4
    #                     not yet measured      no_data      burning_fast        freeze
    #                     lockdown              non_production
    Row.STANDARD:        (APPROVED,             APPROVED,    IF_TESTED_WAY_BACK, PEER_CAREFULLY,
                          POSTPONED,            PEER,        PEER,               APPROVED_WATCHED,
                          PEER,                 PEER,        POSTPONED,          POSTPONED,
                          POSTPONED,            APPROVED),
    Row.NORMAL_LOW:      (IF_REVIEWED,          PEER,        POSTPONED,          CAB,
                          POSTPONED,            PEER,        PEER,               PEER,
                          PEER,                 CAB,         POSTPONED,          POSTPONED,
                          POSTPONED,            APPROVED),
    Row.NORMAL_MEDIUM:   (PEER,                 PEER,        CAB,                CAB,
                          POSTPONED,            CAB,         CAB,                CAB,
                          PEER,                 CAB,         POSTPONED,          POSTPONED,
                          POSTPONED,            PEER),
    Row.NORMAL_HIGH:     (CAB,                  CAB,         CAB,                CAB,
                          BLOCKED,              CAB,         CAB,                CAB,
                          CAB,                  CAB,         BLOCKED,            POSTPONED,
                          POSTPONED,            PEER),
    Row.RELIABILITY_FIX: (APPROVED_PROGRESSIVE, PEER,        PEER,               PEER,
                          PEER,                 PEER,        PEER,               PEER,
                          PEER,                 PEER,        PEER_AND_TELL,      POSTPONED,
                          POSTPONED,            PEER),
    Row.SECURITY_FIX:    (PEER,                 PEER,        PEER,               PEER,
                          PEER_AND_TELL,        PEER,        PEER,               PEER,
                          PEER,                 PEER,        OWNER,              OWNER,
                          OWNER,                PEER),
    Row.ROLLBACK:        (EXCEPTION,) * len(COLUMNS),
    Row.FLAG_OFF:        (EXCEPTION,) * len(COLUMNS),
    Row.EMERGENCY:       (EMERGENCY,) * (len(COLUMNS) - 1) + (PEER,),
}
# fmt: on


def _limits() -> Limits:
    day, hour = 86_400, 3_600
    return Limits(
        healthy_above=levels.LIMITS[Level.HEALTHY],  # the engine's own, by which pages colour and evaluations judge
        watch_above=levels.LIMITS[Level.WATCH],
        constrained_above=levels.LIMITS[Level.CONSTRAINED],
        hysteresis_margin=levels.HYSTERESIS_MARGIN,
        hysteresis_seconds=levels.HYSTERESIS_MINUTES * 60,
        recovering_burn_below=Decimal(1),
        coverage_from=Decimal("0.9"),
        allowed_failures_from=Decimal(10),
        trust_from=Decimal("0.8"),
        no_data_after_seconds=600,
        model_certified_days=180,
        model_failures_until_suspended=2,
        model_p1_until_suspended=1,
        emergency_share_up_to=Decimal("0.10"),
        ecab_business_days=2,
        reservation_ratio=Decimal("0.02"),
        reservation_floor=Decimal("0.001"),
        reservation_history_runs=10,
        fair_share=Decimal("0.5"),
        history_known_runs=1,
        retry_after_minutes=60,
        burning_retry_minutes=30,
        postponed_deadline_hours=24,
        approval_minutes=30,
        freshness_seconds={
            "reach": hour,
            "objectives": hour,
            "budget": 600,
            "calendar": 300,
            "incidents": 300,
            "history": day,
            "emergency": day,
            "model": hour,
            "proof": 30 * day,
        },
        person_approval_working_days=5,
    )


def _risk_limits() -> RiskLimits:
    low, medium, high = Risk.LOW, Risk.MEDIUM, Risk.HIGH
    return RiskLimits(
        medium_from=Decimal("0.15"),
        high_from=Decimal("0.35"),
        prior_failures=Decimal("0.5"),
        prior_successes=Decimal("9.5"),
        bound=Decimal("0.8"),
        tier_weights={"1": 8, "2": 4, "3": 2, "4": 1},
        blast_medium_from=Decimal(24),
        blast_high_from=Decimal(64),
        impact_of_tier={"1": high, "2": medium, "3": low, "4": low},
        matrix={
            low: {low: low, medium: low, high: medium},
            medium: {low: low, medium: medium, high: high},
            high: {low: low, medium: high, high: high},
        },
        conflict_risk={
            ConflictKind.SAME_CI: medium,
            ConflictKind.RELATED_CI: medium,
            ConflictKind.REACHED_SERVICE: low,
            ConflictKind.WINDOW: low,
            ConflictKind.IMPLEMENTER: medium,
            ConflictKind.DEPLOYMENT_TARGET: medium,
            ConflictKind.FAILED_IN_WINDOW: high,
        },
        one_at_a_time=(ConflictKind.SAME_CI, ConflictKind.DEPLOYMENT_TARGET),
        questionnaire={},
        questionnaire_medium_from=10,
        questionnaire_high_from=20,
        failed_tests_risk=medium,
        migration_risk=medium,
        unknown_risk=medium,
        model_answers=(Engine.IMPACT, Engine.BLAST_RADIUS),
    )


def _authorities() -> dict[Decider, AuthorityRule]:
    return {
        Decider.PEER: AuthorityRule("peer of the owning team", 1, 24 * 60, "another approver on duty"),
        Decider.OWNER: AuthorityRule("service owner", 1, 4 * 60, "approver on duty"),
        Decider.CAB: AuthorityRule("change advisory board", 1, 5 * 24 * 60, "change manager"),
        Decider.EMERGENCY_AUTHORITY: AuthorityRule("emergency authority", 1, 60, "manager on duty"),
        Decider.ECAB: AuthorityRule("emergency change advisory board", 1, 4 * 60, "change manager"),
    }


def default_policy(version: int = 1, mode: Mode = Mode.ENFORCE, review_on: date = REVIEW_ON) -> Policy:
    """The table above, whole. `review_on` is the owner's to set: after that day people decide."""
    return Policy(
        slug=SLUG,
        version=version,
        accountable="Change enablement",
        scope="all services",
        review_on=review_on,
        mode=mode,
        other_environments=("development", "dev", "test", "qa", "integration", "staging", "preview", "sandbox"),
        table={row: dict(zip(COLUMNS, cells, strict=True)) for row, cells in CELLS.items()},
        limits=_limits(),
        risk=_risk_limits(),
        authorities=_authorities(),
    )
