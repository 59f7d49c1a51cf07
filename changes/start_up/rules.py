"""The rules of a start, plain Python: evidence as it was, and whether it is reasonable to let the gate rule.

Of a past deployment are known: which service and artifact, when, how it ended, and how the budgets stood. Nobody
attested anything, and nobody asked. So it is judged as the best case that a pipeline can reach (a standard change of an
approved model, reviewed, with a tested way back, step by step): then what decides is the budgets and the history alone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from changes.change.queries.history import decayed
from changes.gate.evidence import (
    Budget,
    Calendar,
    ChangeEvidence,
    DirectService,
    Evidence,
    History,
    Model,
    Proof,
    Reach,
    TestRun,
)
from changes.gate.facts import Fact, seen

LOOKED_BACK = timedelta(days=90)  # so far back past deployments are judged
_DAY = 86_400
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PastRun:
    """One earlier run of the same service: when it ended and whether it failed."""

    ended_at: datetime
    failed: bool


def history_of(runs: Sequence[PastRun], at: datetime) -> History:
    """Of what had ended by `at`; weights decay as those of live changes do."""
    known = [one for one in runs if one.ended_at <= at]
    weights = [decayed(Decimal(1), one.ended_at, at) for one in known]
    failed = sum((weight for weight, one in zip(weights, known, strict=True) if one.failed), Decimal(0))
    return History(len(known), sum(weights, Decimal(0)), failed)


@dataclass(frozen=True, slots=True)
class PastDeployment:
    """`budgets`: objective -> its budget as it stood at `at`; none: nothing was measured there."""

    at: datetime
    service: str
    tier: int | None
    environment: str
    artifact: str
    budgets: Mapping[str, Budget]
    runs: Sequence[PastRun]


_THEN = "reconstructed"


def evidence_as_it_was(past: PastDeployment) -> Evidence:
    """What the gate would have been shown, had it been asked by a pipeline at its best."""
    at = past.at

    def known(value: object, by: str = _THEN) -> Fact[object]:
        return seen(value, at=at, source=_THEN, principal=by, fresh_for_seconds=_DAY)

    service = DirectService(
        slug=past.service,
        tier=past.tier,
        objectives=known(tuple(past.budgets)),  # type: ignore[arg-type]
        budgets={
            name: seen(
                budget, at=at, source="slo", principal=_THEN, fresh_for_seconds=600,
                observed_at=min(budget.watermark or at, at),
            )
            for name, budget in past.budgets.items()
        },
    )  # fmt: skip
    model = Model("reconstructed", 1, True, "low", certified_at=at, approved_by="owner")
    return Evidence(
        at=at,
        change=ChangeEvidence(
            claimed_class="standard",
            claimed_purpose="feature",
            service=past.service,
            environment=past.environment,
            content_hash=_THEN,
            requester="pipeline",
            author="author",
            artifact_digest=f"sha256:{hashlib.sha256(past.artifact.encode()).hexdigest()}",
            migration=False,
            model=known(model),  # type: ignore[arg-type]
            is_production=True,
        ),
        reach=known(Reach((service,))),  # type: ignore[arg-type]
        calendar=known(Calendar()),  # type: ignore[arg-type]
        incidents=known(()),  # type: ignore[arg-type]
        history=known(history_of(past.runs, at)),  # type: ignore[arg-type]
        proof=Proof(
            backout=known(True),  # type: ignore[arg-type]
            peer_review=known(True),  # type: ignore[arg-type]
            tests=known(TestRun(1, 0)),  # type: ignore[arg-type]
            rollback_tested=known(True),  # type: ignore[arg-type]
            progressive=known(True),  # type: ignore[arg-type]
        ),
    )


class Missing(StrEnum):
    """What speaks against letting the gate rule a service already."""

    NOT_MEASURED = "not_measured"
    SHORT_MEASURED = "short_measured"
    FEW_DECISIONS = "few_decisions"
    ESCAPES = "escapes"
    FRICTION = "friction"


ENOUGH_DECISIONS = 20
ENOUGH_DAYS = 28
MOST_ESCAPED = Decimal("0.05")  # of what it would have approved
MOST_FRICTION = Decimal("0.25")  # of what went well


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one service: days that are measured, and its past deployments by how they went under the policy."""

    measured_days: int
    smooth: int = 0
    escaped: int = 0
    friction: int = 0
    stopped: int = 0
    unknown: int = 0

    @property
    def known(self) -> int:
        """Those of which is known how they went."""
        return self.smooth + self.escaped + self.friction + self.stopped

    @property
    def escaped_share(self) -> Decimal | None:
        """Of what it would have approved, what failed; None where it would have approved nothing."""
        return _share(self.escaped, self.smooth + self.escaped)

    @property
    def friction_share(self) -> Decimal | None:
        """Of what went well, what it would have held up; None where nothing went well."""
        return _share(self.friction, self.smooth + self.friction)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_PLACES) if whole else None


def what_is_missing(figures: Figures) -> tuple[Missing, ...]:
    """Nothing: it is reasonable to let the gate rule. At a limit it still is."""
    found: list[Missing] = []
    if figures.measured_days == 0:
        found.append(Missing.NOT_MEASURED)
    elif figures.measured_days < ENOUGH_DAYS:
        found.append(Missing.SHORT_MEASURED)
    if figures.known < ENOUGH_DECISIONS:
        found.append(Missing.FEW_DECISIONS)
    if (figures.escaped_share or 0) > MOST_ESCAPED:
        found.append(Missing.ESCAPES)
    if (figures.friction_share or 0) > MOST_FRICTION:
        found.append(Missing.FRICTION)
    return tuple(found)
