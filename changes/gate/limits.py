"""What a policy says in numbers, each with its unit, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from changes.gate.vocabulary import ConflictKind, Engine, Outcome, Risk

# What can be reckoned with and kept: of a duration the most by its unit (ten years; business days are counted one by
# one), of other whole numbers, of a number that is no zero the least.
MOST = {"days": 3_650, "hours": 87_600, "minutes": 5_256_000}
MOST_OF_ALL = 100_000_000
LEAST = Decimal("0.000001")
MOST_APPROVERS = 100
FACT_NAMES = ("reach", "objectives", "budget", "calendar", "incidents", "history", "emergency", "model", "proof")
TIERS = ("1", "2", "3", "4")


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds. Ratios are of the whole budget; durations carry their unit; `freshness_seconds` per FACT_NAMES."""

    healthy_above: Decimal
    watch_above: Decimal
    constrained_above: Decimal
    hysteresis_margin: Decimal
    hysteresis_seconds: int
    recovering_burn_below: Decimal
    coverage_from: Decimal
    allowed_failures_from: Decimal
    trust_from: Decimal
    no_data_after_seconds: int
    model_certified_days: int
    model_failures_until_suspended: int
    model_p1_until_suspended: int
    emergency_share_up_to: Decimal
    ecab_business_days: int
    reservation_ratio: Decimal
    reservation_floor: Decimal
    reservation_history_runs: int
    fair_share: Decimal
    history_known_runs: int
    retry_after_minutes: int
    burning_retry_minutes: int
    postponed_deadline_hours: int
    approval_minutes: int
    freshness_seconds: Mapping[str, int]
    person_approval_working_days: int = 5


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """The engines' limits.

    Failure probability: low below medium_from, medium below high_from, else high; upper `bound` of a Beta whose prior
    is (prior_failures, prior_successes). questionnaire: question -> answer -> weight. matrix: impact -> probability ->
    risk. model_answers: engines that the approval of a standard model has already answered.
    """

    medium_from: Decimal
    high_from: Decimal
    prior_failures: Decimal
    prior_successes: Decimal
    bound: Decimal
    tier_weights: Mapping[str, int]
    blast_medium_from: Decimal
    blast_high_from: Decimal
    impact_of_tier: Mapping[str, Risk]
    matrix: Mapping[Risk, Mapping[Risk, Risk]]
    conflict_risk: Mapping[ConflictKind, Risk]
    one_at_a_time: tuple[ConflictKind, ...]
    questionnaire: Mapping[str, Mapping[str, int]]
    questionnaire_medium_from: int
    questionnaire_high_from: int
    failed_tests_risk: Risk
    migration_risk: Risk
    unknown_risk: Risk
    model_answers: tuple[Engine, ...]


@dataclass(frozen=True, slots=True)
class CapacityRule:
    """What is asked of a change on or after the soonest day on which something that its service runs on may be full.

    asks_for: peer or cab. fresh_for_seconds: how old a forecast, and the newest value behind it, may be.
    believes_owner_team: whether values that a program of the changed service's owner team sent count all the same.
    """

    asks_for: Outcome = Outcome.CAB
    fresh_for_seconds: int = 2 * 86_400
    believes_owner_team: bool = False


def capacity_problems(rule: CapacityRule) -> Iterator[str]:
    """One line for each number of it that cannot be reckoned with; nothing where it holds."""
    if rule.asks_for not in (Outcome.PEER, Outcome.CAB):
        yield "capacity.asks_for: people, so peer or cab"
    if not 1 <= rule.fresh_for_seconds <= 100_000_000:
        yield "capacity.fresh_for_seconds: a whole number of at least 1"


def limit_problems(limits: Limits) -> Iterator[str]:
    """The same of thresholds."""
    for each in fields(limits):
        value = getattr(limits, each.name)
        if isinstance(value, Decimal) and not (value.is_finite() and 0 <= value <= 1000):
            yield f"limits.{each.name}: a number from 0 to 1000"
        elif type(value) is int and not 1 <= value <= _most(each.name):
            yield f"limits.{each.name}: a whole number from 1 to {_most(each.name)}"
    if limits.trust_from.is_finite() and limits.trust_from > 1:
        yield "limits.trust_from: at most 1, which asks that nothing speaks against the measurements"
    if limits.fair_share.is_finite() and not LEAST <= limits.fair_share <= 1:
        yield "limits.fair_share: above 0 and up to 1"
    levels = (limits.healthy_above, limits.watch_above, limits.constrained_above)
    if all(level.is_finite() for level in levels) and not levels[0] > levels[1] > levels[2] >= 0:
        yield "limits.healthy_above: healthy, watch and constrained must descend"
    for name in FACT_NAMES:
        if limits.freshness_seconds.get(name, 0) < 1:
            yield f"limits.freshness_seconds.{name}: undefined"
        elif limits.freshness_seconds[name] > MOST_OF_ALL:
            yield f"limits.freshness_seconds.{name}: a whole number from 1 to {MOST_OF_ALL}"


def _most(name: str) -> int:
    """By the unit that the name ends with."""
    return MOST.get(name.rpartition("_")[2], MOST_OF_ALL)


def risk_problems(risk: RiskLimits) -> Iterator[str]:
    """The same of what risk is reckoned by."""
    for each in fields(risk):
        value = getattr(risk, each.name)
        if isinstance(value, Decimal) and not (value.is_finite() and LEAST <= value <= 100_000):
            yield f"risk.{each.name}: a number above 0"
    levels = (risk.medium_from, risk.high_from)
    if all(level.is_finite() for level in levels) and not levels[0] < levels[1] < 1:
        yield "risk.medium_from: must lie below high_from, and that below 1"
    if risk.bound.is_finite() and not risk.bound < 1:
        yield "risk.bound: must lie below 1"
    yield from (f"risk.tier_weights.{tier}: undefined" for tier in TIERS if tier not in risk.tier_weights)
    yield from (f"risk.impact_of_tier.{tier}: undefined" for tier in TIERS if tier not in risk.impact_of_tier)
    yield from (f"risk.conflict_risk.{kind}: undefined" for kind in ConflictKind if kind not in risk.conflict_risk)
    for impact in Risk:
        for probability in Risk:
            if probability not in risk.matrix.get(impact, {}):
                yield f"risk.matrix.{impact}.{probability}: undefined"
