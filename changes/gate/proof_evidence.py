"""The proof group of the evidence: reviews, tests, ways back, and what proves a purpose.

Promise: each item is a fact of its own, with its own principal: what the requester says of itself proves nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime

from changes.gate.canonical import LATER
from changes.gate.facts import ABSENT, Fact, require_aware


@dataclass(frozen=True, slots=True)
class LinkedWork:
    """kind: problem | postmortem_action; service: whose reliability it is about."""

    reference: str
    kind: str
    service: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A security finding and the digest that was scanned and found to be free of it."""

    reference: str
    removed_by_digest: str


@dataclass(frozen=True, slots=True)
class EarlierRelease:
    """A deployment that succeeded before, which a rollback goes back to.

    watch_ended_at: when its watch ended clean; None: it has not. running: it is what runs there now.
    rolls_back: the running or just failed change there that the request names ("" = it names none).
    witness: who without a stake in it saw it work: measured | person, "" = nobody; None in decisions from before it was
    asked, and nowhere else.
    """

    digest: str
    service: str
    environment: str
    succeeded: bool
    finished_at: datetime | None
    watch_ended_at: datetime | None = None
    running: bool = True
    rolls_back: str = ""
    witness: str | None = field(default=None, metadata={LATER: True})

    def __post_init__(self) -> None:
        require_aware(self.finished_at, self.watch_ended_at)


@dataclass(frozen=True, slots=True)
class FlagSwitch:
    """A feature flag known to the platform, to be turned off, with nothing deployed."""

    flag: str
    service: str
    turns_off: bool


@dataclass(frozen=True, slots=True)
class TestRun:
    """The numbers of tests of one run that passed and failed."""

    __test__ = False  # not a test class, whatever its name makes pytest think

    passed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Each with its own principal. What the requester says of itself (attested=False) may only make it stricter.

    backout: there is a backout plan: the one thing only its author can write, so its presence is all that is asked.
    scans: blocking findings. purpose proofs: fixes, finding, earlier_release, flag_switch.
    """

    backout: Fact[bool] = ABSENT
    peer_review: Fact[bool] = ABSENT
    tests: Fact[TestRun] = ABSENT
    scans: Fact[int] = ABSENT
    rollback_tested: Fact[bool] = ABSENT
    progressive: Fact[bool] = ABSENT
    fixes: Fact[LinkedWork] = ABSENT
    finding: Fact[Finding] = ABSENT
    earlier_release: Fact[EarlierRelease] = ABSENT
    flag_switch: Fact[FlagSwitch] = ABSENT
