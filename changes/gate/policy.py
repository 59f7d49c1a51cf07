"""A policy: one version of the decision table with its thresholds, engines' limits and authorities, as data.

Promise: a `Policy` object is whole. Building one with an undefined cell, a missing threshold or a senseless number
raises `InvalidPolicy` naming every hole, so `decide` never meets one. A version is a value: its hash is its identity.
The default numbers are in policy_default.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from changes.gate.canonical import LATER, from_json, sha256_of, to_json
from changes.gate.limits import (
    MOST,
    MOST_APPROVERS,
    CapacityRule,
    Limits,
    RiskLimits,
    capacity_problems,
    limit_problems,
    risk_problems,
)
from changes.gate.questionnaire import Questionnaire, questionnaire_problems
from changes.gate.steps import StepBefore, step_problems
from changes.gate.table import Cell, Table, table_problems
from changes.gate.vocabulary import Column, Decider, Mode, Row
from itsm.kernel.texts import is_blank

HIGHEST_VERSION = 2_000_000_000


class InvalidPolicy(ValueError):
    """A policy that may not be saved. `problems`: one line each, beginning with the path of the hole."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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
        yield from capacity_problems(policy.capacity)
    if policy.questionnaire is not None:
        yield from questionnaire_problems(policy.questionnaire)
    yield from limit_problems(policy.limits)
    yield from risk_problems(policy.risk)


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
