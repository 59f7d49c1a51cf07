"""A case: the evidence read once, with every fact either usable or in trouble.

Promise: what the rules see of a fact is a usable value or None, never a stale or half-made one; why it is None stands
in `troubles`. Proof counts only when it is attested and stands behind somebody who has no interest in the change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from changes.gate.evidence import (
    Allowances,
    Calendar,
    Capacity,
    ChangeEvidence,
    EmergencyPath,
    Evidence,
    History,
    Model,
    OpenIncident,
    Reach,
)
from changes.gate.facts import AnyFact, Fact
from changes.gate.limits import Limits
from changes.gate.measures import count, sound
from changes.gate.policy import Policy

T = TypeVar("T")
MAX_RUNS = 1_000_000


@dataclass(frozen=True)
class UsableEvidence:
    """The evidence as far as the policy lets it count: fresh, known and possible."""

    evidence: Evidence
    policy: Policy

    @cached_property
    def reckoned(self) -> dict[str, Any]:
        """What `budget_states` has found of services, by slug."""
        return {}

    @cached_property
    def at(self) -> datetime:
        """The instant of the question, in UTC."""
        return self.evidence.at.astimezone(UTC)

    @property
    def change(self) -> ChangeEvidence:
        """The change that is asked about."""
        return self.evidence.change

    @property
    def limits(self) -> Limits:
        """The limits of the policy."""
        return self.policy.limits

    @cached_property
    def non_production(self) -> bool:
        """Only what the register does not judge as production is judged leniently."""
        return not judged_as_production(self.change, self.policy)

    def counts_as_production(self, environments: Iterable[str]) -> frozenset[str]:
        """Of the environments where something is measured, those that count; the register has said so already."""
        said = frozenset(environments)
        return said if self.change.is_production is not None else said - {*self.policy.other_environments}

    def trouble(self, fact: AnyFact, name: str) -> str | None:
        """Why a fact does not count, None where it does; `name`: its limit of age in the policy, in seconds."""
        return fact.trouble(self.at, self.limits.freshness_seconds[name])

    def usable(self, fact: Fact[T], name: str) -> T | None:
        """The value of a fact that counts, else None."""
        return None if self.trouble(fact, name) else fact.value

    def proven(self, fact: Fact[T]) -> T | None:
        """The value when somebody without interest attested it (C2), else None: a claim proves nothing."""
        independent = bool(fact.principal) and fact.principal not in self.change.interested
        return self.usable(fact, "proof") if fact.attested is True and independent else None

    @cached_property
    def model(self) -> Model | None:
        """The change model; None where there is none, or it does not count."""
        return self.usable(self.change.model, "model")

    @cached_property
    def reach(self) -> Reach | None:
        """The services that it reaches; None where unknown."""
        return self.usable(self.evidence.reach, "reach")

    @cached_property
    def calendar(self) -> Calendar | None:
        """The calendar; None where unknown."""
        return self.usable(self.evidence.calendar, "calendar")

    @cached_property
    def incidents(self) -> tuple[OpenIncident, ...] | None:
        """The open incidents; None where unknown, empty where there are none."""
        return self.usable(self.evidence.incidents, "incidents")

    @cached_property
    def history(self) -> History | None:
        """How earlier changes went; None where unknown or impossible."""
        found = self.usable(self.evidence.history, "history")
        return found if found is not None and _possible(found) else None

    @cached_property
    def emergency_path(self) -> EmergencyPath | None:
        """What carries an emergency; None where unknown."""
        return self.usable(self.evidence.emergency, "emergency")

    @cached_property
    def capacity_trouble(self) -> str | None:
        """Why the forecasts of capacity do not count; None where they do, or the policy asks for none."""
        rule, fact = self.policy.capacity, self.evidence.capacity
        if rule is None or self.non_production:
            return None
        if fact is None or (fact.value is not None and not fact.value.forecasts):
            return "missing"
        return fact.trouble(self.at, rule.fresh_for_seconds)

    @cached_property
    def capacity(self) -> Capacity | None:
        """When what it runs on may be full, each forecast still to be judged; None where unknown."""
        fact = self.evidence.capacity
        return fact.value if fact is not None and self.capacity_trouble is None else None

    @cached_property
    def allowances_trouble(self) -> str | None:
        """Why the allowances do not count; None where they do, or nobody has to have one. Their age is the budgets'."""
        fact = self.evidence.allowances
        if fact is None or self.non_production:
            return None
        return self.trouble(fact, "budget") or (None if fact.value and fact.value.holders else "missing")

    @cached_property
    def allowances(self) -> Allowances | None:
        """What the agents and teams behind the change may draw; None where unknown, or nobody has to have one."""
        fact = self.evidence.allowances
        return fact.value if fact is not None and self.allowances_trouble is None else None

    @cached_property
    def services(self) -> frozenset[str]:
        """Slugs of the services changed directly, the named one included."""
        direct = self.reach.direct if self.reach else ()
        return frozenset({self.change.service, *(service.slug for service in direct)})

    @cached_property
    def troubles(self) -> Mapping[str, str]:
        """Group -> why it cannot be used; only those that are in trouble."""
        evidence = self.evidence
        found = {
            "reach": self.trouble(evidence.reach, "reach"),
            "calendar": self.trouble(evidence.calendar, "calendar"),
            "incidents": self.trouble(evidence.incidents, "incidents"),
            "history": self.trouble(evidence.history, "history") or (None if self.history else "out_of_range"),
        }
        if self.reach is not None and not self.reach.direct:
            found["reach"] = "missing"
        return {group: trouble for group, trouble in found.items() if trouble}

    @cached_property
    def sees_all(self) -> bool:
        """No group is in trouble, nor any budget of a service changed directly, nor capacity where the policy asks, nor
        what agents may draw, nor the desk itself.

        Environments that the policy lists as others are approved without looking at budgets.
        """
        if self.evidence.unsafe is not None:
            return False
        if self.non_production:
            return True
        direct = self.reach.direct if self.reach else ()
        budgets = [fact for service in direct for fact in service.budgets.values()]
        return (
            not self.troubles
            and not self.capacity_trouble
            and not self.allowances_trouble
            and not any(self.trouble(fact, "budget") for fact in budgets)
        )


def judged_as_production(change: ChangeEvidence, policy: Policy) -> bool:
    """What the register said when it was asked; in older decisions, whatever the policy did not list as another one."""
    if change.is_production is not None:
        return change.is_production
    return change.environment not in policy.other_environments


def _possible(history: History) -> bool:
    runs = count(history.runs, MAX_RUNS)
    weighted = sound(history.weighted_runs, 0, MAX_RUNS)
    failures = sound(history.weighted_failures, 0, MAX_RUNS)
    return runs is not None and weighted is not None and failures is not None and failures <= weighted <= runs
