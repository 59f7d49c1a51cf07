"""Evidence: everything that one decision may look at, in eight groups, frozen.

Promise: whatever was found out (or not) fits in here without loss, and `decide` reads nothing else. Words that came
from outside stay plain strings, so that an unknown one can be recorded and lead to people.
Ratios are Decimals of the whole budget (1 = untouched, 0 = gone, negative = overspent). Instants are aware datetimes.
Source: gate.md 1, "Evidence".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from changes.gate.canonical import LATER
from changes.gate.facts import ABSENT, Fact, require_aware
from changes.gate.proof_evidence import EarlierRelease, Finding, FlagSwitch, LinkedWork, Proof, TestRun

__all__ = [
    "NOT_GATHERED_YET",
    "Budget",
    "Calendar",
    "CalendarEntry",
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
    "TestRun",
    "TrustMark",
    "Window",
]


# Inputs for practices to come: the rules know them, nothing gathers them yet, and they hold what they hold by default.
NOT_GATHERED_YET = frozenset(
    {
        "Budget.better_since",
        "Budget.excused",
        "Budget.typical_cost",
        "ChangeEvidence.answers",
        "DirectService.mode",
        "Model.caused_p1",
        "Proof.fixes",
        "Proof.flag_switch",
        "ReachedService.spare",
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """When the change is to run: [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Model:
    """The change model that the request names, as the server knows it.

    broken_bounds: which bounds the request leaves (service, repository, workflow, paths, ...); empty = within all.
    risk: the approved model's own answer (low | medium | high). certified_at: last certification, by `approved_by`.
    recent_failures: failed among the last `recent_runs` (at most 20) runs. caused_p1: P1s it caused since certified.
    """

    slug: str
    version: int
    approved: bool
    risk: str
    broken_bounds: tuple[str, ...] = ()
    allows_migration: bool = False
    certified_at: datetime | None = None
    suspended: bool = False
    recent_runs: int = 0
    recent_failures: int = 0
    caused_p1: int = 0
    approved_by: str = ""

    def __post_init__(self) -> None:
        require_aware(self.certified_at)


@dataclass(frozen=True, slots=True)
class ChangeEvidence:
    """What is asked, by whom. `claimed_*` are the requester's words; the class is derived by the gate.

    service: slug of the service that the request names. claimed_purpose: flag_off deploys nothing (no digest).
    environment: a name of the register. is_production: what the register said of it then; None in decisions from before
    there was one, where anything but the policy's other_environments was judged as production.
    delegators: every other account of the natural persons behind these three: their owners, and what those own.
    migration: does it change the schema? None = not said. answers: questionnaire, question -> answer (claims).
    named_incident: the incident that an emergency names ("" = none).
    """

    claimed_class: str
    claimed_purpose: str
    service: str
    environment: str
    content_hash: str
    requester: str
    author: str
    implementer: str = ""
    delegators: tuple[str, ...] = ()
    artifact_digest: str = ""
    window: Window | None = None
    migration: bool | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    named_incident: str = ""
    model: Fact[Model] = ABSENT
    is_production: bool | None = field(default=None, metadata={LATER: True})

    @property
    def interested(self) -> frozenset[str]:
        """Principals who may neither approve nor attest: they asked, wrote, carry out, or act for someone who did."""
        return frozenset({self.requester, self.author, self.implementer, *self.delegators} - {""})


@dataclass(frozen=True, slots=True)
class TrustMark:
    """What speaks against a series of measurements: a word of slo.engine.trust.Mark, since when, which indicator."""

    mark: str
    since: datetime | None = None
    indicator: str = ""

    def __post_init__(self) -> None:
        require_aware(self.since)


@dataclass(frozen=True, slots=True)
class Budget:
    """One gating objective's budget, as the SLO engine stored it.

    remaining: ratio left, reservations not deducted. reserved: ratio held by changes in flight; reservations: how many.
    reserved_by_asker: what of it the natural person holds who asks now.
    excused: ratio burned that is confirmed to come from a dependency; it leaves this service's own state.
    burns: window ("5m", "30m", "1h", "2h", "6h", "1d", "3d") -> burn rate. flags: words of slo.engine.states.Flag.
    coverage: valid minutes / window minutes. allowed_failures: failures that the whole window allows.
    watermark: exclusive end of the newest closed minute; None where nothing was ever measured.
    measured_minutes: so far; gates_from: the instant from which a new objective decides, where one was stated.
    stored_level: hysteresis memory (slo.engine.states.Level, None = none yet); better_since: since when headroom has
    stayed at or above the next more lenient limit plus the margin (None = it has not).
    fix_verified: the fix of what exhausted it is verified. typical_cost: median cost of a failed change, as a ratio.
    trust: how far the measurements can be trusted, 0 to 1 (None = nobody knows), and the marks that lowered it;
    recovers_at: {ratio as string: instant at which headroom reaches it if nothing more fails, or None for never known};
    the ratios asked for are `Policy.recovery_ratios()`.
    measured_by_interested: names of the interested people who measure it, alone or beside others; these are shown.
    self_measured_by: names of the interested people who alone measure it; empty = somebody else does, or Headroom.
    self_measuring_allowed: an owner allowed that in writing, and looks at it again later.
    """

    objective_version: int
    remaining: Decimal | None
    coverage: Decimal | None
    allowed_failures: Decimal | None
    watermark: datetime | None
    measured_minutes: int = 0
    gates_from: datetime | None = None
    burns: Mapping[str, Decimal] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    reserved: Decimal | None = Decimal(0)
    reservations: int = 0
    reserved_by_asker: Decimal | None = Decimal(0)
    excused: Decimal = Decimal(0)
    stored_level: str | None = None
    better_since: datetime | None = None
    fix_verified: bool = False
    typical_cost: Decimal | None = None
    trust: Decimal | None = None
    trust_marks: tuple[TrustMark, ...] = ()
    recovers_at: Mapping[str, datetime | None] = field(default_factory=dict)
    measured_by_interested: tuple[str, ...] = ()
    self_measured_by: tuple[str, ...] = ()
    self_measuring_allowed: bool = False

    def __post_init__(self) -> None:
        require_aware(self.watermark, self.better_since, self.gates_from, *self.recovers_at.values())

    @property
    def is_self_measured(self) -> bool:
        """Only those measure it who want the change, and no owner allowed that."""
        return bool(self.self_measured_by) and self.self_measuring_allowed is not True


@dataclass(frozen=True, slots=True)
class DirectService:
    """A service that the change touches itself; every one faces the whole table.

    objectives: slugs of its gating objectives in this environment: an empty tuple means unmeasured, a fact without
    value means nobody knows. budgets: objective slug -> budget; a listed objective without one counts as no_data.
    mode: enforce | shadow. team: who owns it. measured_in: where it has none here, the environments that count as
    production where it has some. needs_owner: an import brought it, and nobody has said yet whose it is.
    """

    slug: str
    tier: int | None
    team: str = ""
    mode: str = "enforce"
    objectives: Fact[tuple[str, ...]] = ABSENT
    budgets: Mapping[str, Fact[Budget]] = field(default_factory=dict)
    measured_in: tuple[str, ...] = ()
    needs_owner: bool = False


@dataclass(frozen=True, slots=True)
class ReachedService:
    """A service that depends on a changed one. state: slo.engine.states.State as a word.

    spare: members of its redundant group that may fail before it suffers (n-of-m); 0 = none.
    """

    slug: str
    tier: int | None
    state: str
    team: str = ""
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """truncated: the depth cap of the CMDB walk was hit, so there may be more."""

    direct: tuple[DirectService, ...]
    reached: tuple[ReachedService, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """kind: lockdown | freeze | blackout | maintenance; already filtered to this change's scope."""

    kind: str
    reference: str
    starts_at: datetime
    ends_at: datetime

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


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """priority: 0 or 1 is P0/P1. confirmed_by: principals; alert: an alert confirmed it."""

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
class Evidence:
    """All of it. `at` is the instant of the decision: the only clock that the gate knows."""

    at: datetime
    change: ChangeEvidence
    reach: Fact[Reach] = ABSENT
    calendar: Fact[Calendar] = ABSENT
    incidents: Fact[tuple[OpenIncident, ...]] = ABSENT
    history: Fact[History] = ABSENT
    emergency: Fact[EmergencyPath] = ABSENT
    proof: Proof = field(default_factory=Proof)

    def __post_init__(self) -> None:
        require_aware(self.at)
        if not 2000 <= self.at.year < 2200:
            raise ValueError("the instant of decision must lie between the years 2000 and 2199")
