"""The words of the gate: every enumeration that evidence, policy and verdict share.

Promise: a word that is not listed here is never taken for a kind one. Evidence therefore carries plain strings
(what was really said) and `recognised` turns them into members or None; None leads to people.
"""

from enum import StrEnum
from typing import TypeVar


class ChangeClass(StrEnum):
    """ITIL's three kinds of change."""

    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


class Purpose(StrEnum):
    """What a change is for; all but a feature have to be proven."""

    FEATURE = "feature"
    RELIABILITY_FIX = "reliability_fix"
    SECURITY_FIX = "security_fix"
    ROLLBACK = "rollback"
    FLAG_OFF = "flag_off"


class Risk(StrEnum):
    """How likely and how bad a failure would be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Engine(StrEnum):
    """Who spoke about the risk; the highest wins and every contribution is kept."""

    QUESTIONNAIRE = "questionnaire"  # the approved model's answer, or the requester's own answers
    CLAIMS = "claims"  # failed tests, a migration: may only raise
    HISTORY = "history"
    IMPACT = "impact"  # impact x probability
    BLAST_RADIUS = "blast_radius"
    CONFLICT = "conflict"


class Row(StrEnum):
    """A row of the policy table: whose authority is asked for."""

    STANDARD = "standard"
    NORMAL_LOW = "normal_low"
    NORMAL_MEDIUM = "normal_medium"
    NORMAL_HIGH = "normal_high"
    RELIABILITY_FIX = "reliability_fix"
    SECURITY_FIX = "security_fix"
    ROLLBACK = "rollback"
    FLAG_OFF = "flag_off"
    EMERGENCY = "emergency"


class Column(StrEnum):
    """A column of the policy table: the state of one budget, or what stands above it."""

    HEALTHY = "healthy"
    WATCH = "watch"
    CONSTRAINED = "constrained"
    RECOVERING = "recovering"
    EXHAUSTED = "exhausted"
    LOW_CONFIDENCE = "low_confidence"
    UNMEASURED_TIER_1_2 = "unmeasured_tier_1_2"
    UNMEASURED_TIER_3_4 = "unmeasured_tier_3_4"
    NOT_YET_MEASURED = "not_yet_measured"  # only new objectives, none with an hour of measurements
    NO_DATA = "no_data"
    BURNING_FAST = "burning_fast"  # also: an open major incident or P1 on the service
    FREEZE = "freeze"  # freeze and blackout
    LOCKDOWN = "lockdown"
    NON_PRODUCTION = "non_production"  # an environment that is not production


class Outcome(StrEnum):
    """The answer. `STRICTNESS` below is its total order."""

    APPROVED = "approved"
    EXCEPTION = "exception"  # authorised because its exception is proven; budget evidence waived
    PEER = "peer"
    CAB = "cab"
    POSTPONED = "postponed"
    BLOCKED = "blocked"


# The answers by which a change goes although nobody was asked.
WITHOUT_PEOPLE = frozenset({Outcome.APPROVED, Outcome.EXCEPTION})


# From the most lenient to the strictest. The order is total, so "the strictest wins" has one answer.
# `exception` stands beside `approved` (both need nobody); it is put second because it never counts as approval
# by budget, so nothing that is more lenient may be said of it. `postponed` is stricter than `cab`: a board can say yes
# today, a postponed change cannot go today.
STRICTNESS = (Outcome.APPROVED, Outcome.EXCEPTION, Outcome.PEER, Outcome.CAB, Outcome.POSTPONED, Outcome.BLOCKED)


def strictness(outcome: Outcome) -> int:
    """The place of an outcome in STRICTNESS."""
    return STRICTNESS.index(outcome)


class Status(StrEnum):
    """What a pipeline reads right after the decision (later: expired, cancelled, error; not the gate's business)."""

    APPROVED = "approved"
    PENDING = "pending"
    REJECTED = "rejected"


STATUS_OF = {
    Outcome.APPROVED: Status.APPROVED,
    Outcome.EXCEPTION: Status.APPROVED,
    Outcome.PEER: Status.PENDING,
    Outcome.CAB: Status.PENDING,
    Outcome.POSTPONED: Status.PENDING,
    Outcome.BLOCKED: Status.REJECTED,
}


class Need(StrEnum):
    """What a cell of the table asks to be proven before its more lenient outcome holds."""

    PEER_REVIEW = "peer_review"
    HISTORY_KNOWN = "history_known"
    PROGRESSIVE = "progressive"
    ROLLBACK_TESTED = "rollback_tested"
    TESTS = "tests"
    SCANS = "scans"


class ConditionCode(StrEnum):
    """What holds besides an approval."""

    PROGRESSIVE = "progressive"
    ONE_AT_A_TIME = "one_at_a_time"
    REVIEW_AFTERWARDS = "review_afterwards"
    NOTIFY_OWNER = "notify_owner"


class Decider(StrEnum):
    """Which people decide; the policy names role, quorum and due time for each."""

    PEER = "peer"
    OWNER = "owner"
    CAB = "cab"
    EMERGENCY_AUTHORITY = "emergency_authority"
    ECAB = "ecab"


class Closure(StrEnum):
    """Kinds of calendar entries."""

    LOCKDOWN = "lockdown"
    FREEZE = "freeze"
    BLACKOUT = "blackout"
    MAINTENANCE = "maintenance"


class ConflictKind(StrEnum):
    """In which way two changes get into each other's way."""

    SAME_CI = "same_ci"
    RELATED_CI = "related_ci"  # parent or child
    REACHED_SERVICE = "reached_service"
    WINDOW = "window"
    IMPLEMENTER = "implementer"
    DEPLOYMENT_TARGET = "deployment_target"
    FAILED_IN_WINDOW = "failed_in_window"  # a change that failed in this window


class Mode(StrEnum):
    """Whether the answer binds, or is only kept to be looked at."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


Word = TypeVar("Word", bound=StrEnum)


def recognised(kind: type[Word], said: object) -> Word | None:
    """The member that was said, or None for anything else (wrong case and wrong type included)."""
    try:
        return kind(said) if isinstance(said, str) else None
    except ValueError:
        return None
