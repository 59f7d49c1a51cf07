"""Evidence: everything that one decision may look at, in nine groups, frozen.

Promise: whatever was found out (or not) fits in here without loss, and `decide` reads nothing else. Words that came
from outside stay plain strings, so that an unknown one can be recorded and lead to people.
Ratios are Decimals of the whole budget (1 = untouched, 0 = gone, negative = overspent). Instants are aware datetimes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from changes.gate.allowance_evidence import Allowance, Allowances
from changes.gate.budget_evidence import Budget, DirectService, Reach, ReachedService, TrustMark
from changes.gate.canonical import LATER
from changes.gate.capacity_evidence import Capacity, CapacityForecast
from changes.gate.change_evidence import ChangeEvidence, Model, Window
from changes.gate.facts import ABSENT, Fact, require_aware
from changes.gate.proof_evidence import EarlierRelease, Finding, FlagSwitch, LinkedWork, Proof, TestRun

__all__ = [
    "NOT_GATHERED_YET",
    "Allowance",
    "Allowances",
    "Budget",
    "Calendar",
    "CalendarEntry",
    "Capacity",
    "CapacityForecast",
    "ChangeEvidence",
    "Conflict",
    "DirectService",
    "EarlierRelease",
    "EmergencyPath",
    "Evidence",
    "Finding",
    "FlagSwitch",
    "History",
    "LinkedWork",
    "Model",
    "OpenIncident",
    "Proof",
    "Reach",
    "ReachedService",
    "SafeMode",
    "TestRun",
    "TrustMark",
    "Window",
]


# Inputs for practices to come: the rules know them, nothing gathers them yet, and they hold what they hold by default.
NOT_GATHERED_YET = frozenset(
    {
        "Budget.better_since",
        "Budget.excused",
        "Model.caused_p1",
        "Proof.flag_switch",
        "ReachedService.spare",
    }
)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """kind: lockdown | freeze | blackout | maintenance; already filtered to this change's scope.

    change_kinds: the kinds of change that it is for; None: all. Which of them a change is, its evidence proves.
    """

    kind: str
    reference: str
    starts_at: datetime
    ends_at: datetime
    change_kinds: tuple[str, ...] | None = field(default=None, metadata={LATER: True})

    def __post_init__(self) -> None:
        require_aware(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Conflict:
    """kind: one of the seven of vocabulary.ConflictKind; reference: the other change."""

    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """lifted: names of closures in scope, not over yet, that somebody with an interest in the change lifted."""

    entries: tuple[CalendarEntry, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    lifted: tuple[str, ...] = ()


CONFIDENTIAL = "confidential:"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """priority: 0 or 1 is P0/P1. confirmed_by: principals; alert: an alert confirmed it.

    reference: of one in a confidential queue a word that begins with CONFIDENTIAL and names nothing: evidence and what
    is said of it are read by people who may not see that incident.
    """

    reference: str
    service: str
    priority: int | None
    major: bool = False
    alert: bool = False
    confirmed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Of (service, environment, model), each run once its watch is over.

    Weights decay with a half-life of 90 days; runs counts them undecayed.
    """

    runs: int
    weighted_runs: Decimal
    weighted_failures: Decimal


@dataclass(frozen=True, slots=True)
class EmergencyPath:
    """Of the requesting team: emergencies / all changes as a ratio; ECAB reviews past their two business days."""

    share: Decimal | None
    overdue_reviews: int


@dataclass(frozen=True, slots=True)
class SafeMode:
    """Why people decide whatever the policy says: the desk is not as it must be, or nobody knows whether it is.

    violated: ids of invariants that do not hold. unaudited_since: when the auditor, silent since, last looked.
    """

    violated: tuple[str, ...] = ()
    unaudited_since: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.unaudited_since)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `at` is the instant of the decision: the only clock that the gate knows.

    capacity: None where nothing is watched of what the service runs on, and in decisions from before it was looked at.
    unsafe: None while every invariant holds. allowances: None where nobody who wants it is an agent, or in a team that
    has one, and in decisions from before there were any.
    """

    at: datetime
    change: ChangeEvidence
    reach: Fact[Reach] = ABSENT
    calendar: Fact[Calendar] = ABSENT
    incidents: Fact[tuple[OpenIncident, ...]] = ABSENT
    history: Fact[History] = ABSENT
    emergency: Fact[EmergencyPath] = ABSENT
    proof: Proof = field(default_factory=Proof)
    capacity: Fact[Capacity] | None = field(default=None, metadata={LATER: True})
    unsafe: SafeMode | None = field(default=None, metadata={LATER: True})
    allowances: Fact[Allowances] | None = field(default=None, metadata={LATER: True})

    def __post_init__(self) -> None:
        require_aware(self.at)
        if not 2000 <= self.at.year < 2200:
            raise ValueError("the instant of decision must lie between the years 2000 and 2199")
