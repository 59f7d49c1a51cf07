"""A policy: one version of the decision table with its thresholds, engines' limits and authorities, as data.

Promise: a `Policy` object is whole. Building one with an undefined cell, a missing threshold or a senseless number
raises `InvalidPolicy` naming every hole, so `decide` never meets one. A version is a value: its hash is its identity.
The default numbers are in policy_default.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from changes.gate.canonical import LATER, from_json, sha256_of, to_json
from changes.gate.questionnaire import Questionnaire, questionnaire_problems
from changes.gate.steps import StepBefore, step_problems
from changes.gate.table import Cell, Table, table_problems
from changes.gate.vocabulary import Column, ConflictKind, Decider, Engine, Mode, Outcome, Risk, Row
from itsm.kernel.texts import is_blank

# What can be reckoned with and kept: of a duration the most by its unit (ten years; business days are counted one by
# one), of other whole numbers, of a number that is no zero the least.
MOST = {"days": 3_650, "hours": 87_600, "minutes": 5_256_000}
MOST_OF_ALL = 100_000_000
LEAST = Decimal("0.000001")
MOST_APPROVERS = 100
HIGHEST_VERSION = 2_000_000_000
FACT_NAMES = ("reach", "objectives", "budget", "calendar", "incidents", "history", "emergency", "model", "proof")
TIERS = ("1", "2", "3", "4")


class InvalidPolicy(ValueError):
    """A policy that may not be saved. `problems`: one line each, beginning with the path of the hole."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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
class AuthorityRule:
    """role: a name for people; quorum >= 1 distinct approvers; due_minutes from the decision; substitute on duty.

    before: None, as shipped: nobody is asked before them; else steps that approve first, each within due_minutes.
    """

    role: str
    quorum: int
    due_minutes: int
    substitute: str
    before: tuple[StepBefore, ...] | None = field(default=None, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class CapacityRule:
    """What is asked of a change on or after the soonest day on which something that its service runs on may be full.

    asks_for: peer or cab. fresh_for_seconds: how old a forecast, and the newest value behind it, may be.
    believes_owner_team: whether values that a program of the changed service's owner team sent count all the same.
    """

    asks_for: Outcome = Outcome.CAB
    fresh_for_seconds: int = 2 * 86_400
    believes_owner_team: bool = False


@dataclass(frozen=True)
class Policy:
    """accountable: who owns it; scope: what was delegated; review_on: after this day it has lapsed: people decide.

    capacity: None, as shipped: forecasts of capacity are shown and ask for nobody.
    questionnaire: None, as shipped: nothing is asked; with one, whoever asks for a change answers it.
    other_environments: judges decisions from before there was a register of environments; newer ones say it themselves.
    """

    slug: str
    version: int
    accountable: str
    scope: str
    review_on: date
    mode: Mode
    other_environments: tuple[str, ...]
    table: Table
    limits: Limits
    risk: RiskLimits
    authorities: Mapping[Decider, AuthorityRule]
    capacity: CapacityRule | None = field(default=None, metadata={LATER: True})
    questionnaire: Questionnaire | None = field(default=None, metadata={LATER: True})

    def __post_init__(self) -> None:
        problems = (*table_problems(self.table), *_policy_problems(self))
        if problems:
            raise InvalidPolicy(problems)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical policy: the identity of this version."""
        return sha256_of(to_json(self))

    @cached_property
    def unasked(self) -> "Policy":
        """The same policy without its questionnaire."""
        return replace(self, questionnaire=None)

    def cell(self, row: Row, column: Column) -> Cell:
        """The cell of the table; every row has every column. KeyError for a table with holes."""
        return self.table[row][column]

    def recovery_ratios(self) -> tuple[Decimal, ...]:
        """The headrooms (with hysteresis margin) whose expected instants evidence should give in `recovers_at`."""
        limits = self.limits
        each = (limits.constrained_above, limits.watch_above, limits.healthy_above)
        return tuple(limit + limits.hysteresis_margin for limit in each)


def _policy_problems(policy: Policy) -> Iterator[str]:
    for name in ("slug", "accountable", "scope"):
        if is_blank(getattr(policy, name)):
            yield f"{name}: must be named"
    if not 1 <= policy.version <= HIGHEST_VERSION:
        yield f"version: a whole number from 1 to {HIGHEST_VERSION}"
    if "production" in policy.other_environments:
        yield "other_environments: production is never another environment"
    for decider in Decider:
        rule = policy.authorities.get(decider)
        if rule is None:
            yield f"authorities.{decider}: undefined"
        elif rule.quorum < 1 or rule.due_minutes < 1 or is_blank(rule.role):
            yield f"authorities.{decider}: needs a role, a quorum and a due time of at least 1"
        elif rule.quorum > MOST_APPROVERS or rule.due_minutes > MOST["minutes"]:
            yield f"authorities.{decider}: at most {MOST_APPROVERS} approvers within {MOST['minutes']} minutes"
        if rule is not None and rule.before is not None:
            yield from step_problems(rule.before, f"authorities.{decider}.before")
    if policy.capacity is not None:
        yield from _capacity_problems(policy.capacity)
    if policy.questionnaire is not None:
        yield from questionnaire_problems(policy.questionnaire)
    yield from _limit_problems(policy.limits)
    yield from _risk_problems(policy.risk)


def _capacity_problems(rule: CapacityRule) -> Iterator[str]:
    if rule.asks_for not in (Outcome.PEER, Outcome.CAB):
        yield "capacity.asks_for: people, so peer or cab"
    if not 1 <= rule.fresh_for_seconds <= 100_000_000:
        yield "capacity.fresh_for_seconds: a whole number of at least 1"


def _limit_problems(limits: Limits) -> Iterator[str]:
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


def _risk_problems(risk: RiskLimits) -> Iterator[str]:
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


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON values, as it is stored and hashed."""
    plain: dict[str, Any] = to_json(policy)
    return plain


def policy_from_json(plain: Mapping[str, Any]) -> Policy:
    """Raises canonical.Malformed (shape) or InvalidPolicy (holes), both ValueError."""
    return from_json(Policy, plain)


def policy_hash(policy: Policy) -> str:
    """SHA-256 (hex) of the canonical policy; the same as `policy.digest`."""
    return policy.digest
