"""How likely something caused an outage: a plain score out of 100, with the reasons that made it.

What happened shortly before a budget began to burn, on the service itself, comes first; what failed or
was rolled back counts more; what lies further away, in time or among dependencies, counts less. A person
has the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# How long before an outage something may have begun and still be its cause.
BEFORE = timedelta(hours=2)
_MINUTE = timedelta(minutes=1)


class RecordType(StrEnum):
    """What kind of record it is."""

    INCIDENT = "incident"
    CHANGE = "change"


class Reason(StrEnum):
    """One thing that speaks for a cause; pages have the sentence."""

    SAME_SERVICE = "same_service"
    DEPENDENCY = "dependency"
    JUST_BEFORE = "just_before"
    BEFORE = "before"
    DURING = "during"
    WENT_WRONG = "went_wrong"
    MAJOR = "major"
    OPENED_BY_THIS_BURN = "opened_by_this_burn"


_POINTS = {
    Reason.SAME_SERVICE: 30,
    Reason.DEPENDENCY: 15,
    Reason.JUST_BEFORE: 45,
    Reason.BEFORE: 25,
    Reason.DURING: 20,
    Reason.WENT_WRONG: 25,
    Reason.MAJOR: 15,
    Reason.OPENED_BY_THIS_BURN: 10,
}


@dataclass(frozen=True, slots=True)
class CandidateCause:
    """A record that overlaps an outage, or began shortly before it. `ended_at` None: it still goes on."""

    reference: str
    title: str
    url: str
    record_type: RecordType
    began_at: datetime
    ended_at: datetime | None
    on_the_service: bool
    went_wrong: bool = False
    major: bool = False
    opened_by_this_burn: bool = False


def overlaps(candidate: CandidateCause, started: datetime, ended: datetime) -> bool:
    """Whether it was there during the outage, or ended or began so shortly before that it may have caused it."""
    over = candidate.ended_at is not None and candidate.ended_at < started - BEFORE
    return candidate.began_at < ended and not over


def reasons(candidate: CandidateCause, started: datetime) -> list[Reason]:
    """What speaks for it, the strongest last. An incident that this very burn opened is its sign, not its cause."""
    found = [Reason.SAME_SERVICE if candidate.on_the_service else Reason.DEPENDENCY]
    if candidate.opened_by_this_burn:
        return [*found, Reason.OPENED_BY_THIS_BURN]
    lead = started - candidate.began_at
    if candidate.began_at >= started + _MINUTE:
        found.append(Reason.DURING)
    else:
        found.append(Reason.JUST_BEFORE if lead <= timedelta(minutes=30) else Reason.BEFORE)
    if candidate.went_wrong:
        found.append(Reason.WENT_WRONG)
    if candidate.major:
        found.append(Reason.MAJOR)
    return found


def score(found: Sequence[Reason]) -> int:
    """0 to 100."""
    return min(100, sum(_POINTS[reason] for reason in found))
