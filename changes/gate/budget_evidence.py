"""The budget group of the evidence: what services it touches or reaches have left, how well it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from changes.gate.canonical import LATER
from changes.gate.facts import ABSENT, Fact, require_aware


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
    path: where items lie between, what it rests on down to what is changed: services by slug, items by reference, "..."
    for a confidential one.
    """

    slug: str
    tier: int | None
    state: str
    team: str = ""
    spare: int = 0
    path: tuple[str, ...] | None = field(default=None, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class Reach:
    """truncated: the depth cap of the CMDB walk was hit, so there may be more."""

    direct: tuple[DirectService, ...]
    reached: tuple[ReachedService, ...] = ()
    truncated: bool = False
