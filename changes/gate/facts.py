"""A fact: one item of evidence with where it came from, who stands behind it and how old it is.

Promise: a fact is usable only when it has a value, a source, a date that is not in the future and an age within its
limit. Everything else has a named trouble; absence is a value (`Fact.absent()`), never a gap.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def require_aware(*instants: datetime | None) -> None:
    """Refuse naive datetimes where they enter: comparing them later would raise in the middle of a decision."""
    for instant in instants:
        if instant is not None and instant.utcoffset() is None:
            raise ValueError("evidence needs datetimes with a time zone")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One item of evidence.

    value: what was found; None when nothing could be found out.
    source: the system that said it ("prometheus", "github", "request", "headroom").
    principal: who stands behind it (a stable id); for what Headroom fetched itself: "headroom".
    attested: True when the server fetched it, or a principal bound to this source and service pushed it;
        False for what the request says about itself.
    observed_at: when it was true at the source (aware).
    age_seconds: age at the instant of the decision; fresh_for_seconds: the limit. The policy may only lower the limit.
    """

    value: T | None = None
    source: str = ""
    principal: str = ""
    attested: bool = False
    observed_at: datetime | None = None
    age_seconds: int | None = None
    fresh_for_seconds: int | None = None

    def __post_init__(self) -> None:
        require_aware(self.observed_at)

    @classmethod
    def absent(cls, source: str = "") -> "Fact[T]":
        """A fact that nobody knows; `source`: who should have."""
        return cls(source=source)

    def age_at(self, at: datetime) -> int | None:
        """Seconds; the older of the stated age and the one its date gives, so neither can hide the other."""
        if self.observed_at is None or type(self.age_seconds) is not int:
            return None
        by_date = (at.astimezone(UTC) - self.observed_at.astimezone(UTC)) // ONE_SECOND
        return min(by_date, self.age_seconds) if min(by_date, self.age_seconds) < 0 else max(by_date, self.age_seconds)

    def trouble(self, at: datetime, limit_seconds: int) -> str | None:
        """None when usable, else missing | unsourced | undated | from_the_future | stale."""
        if self.value is None:
            return "missing"
        if not self.source:
            return "unsourced"
        age = self.age_at(at)
        if age is None or type(self.fresh_for_seconds) is not int:
            return "undated"
        if age < 0:
            return "from_the_future"
        return "stale" if age > min(self.fresh_for_seconds, limit_seconds) else None


def seen(
    value: T,
    *,
    at: datetime,
    source: str,
    principal: str,
    fresh_for_seconds: int,
    observed_at: datetime | None = None,
    attested: bool = True,
) -> Fact[T]:
    """A fact with its age worked out from `at` (the instant of decision); observed_at defaults to `at`."""
    observed = at if observed_at is None else observed_at
    age = (at - observed) // ONE_SECOND
    return Fact(value, source, principal, attested, observed, age, fresh_for_seconds)


ONE_SECOND = datetime.resolution * 1_000_000
AnyFact = Fact[Any]
ABSENT: AnyFact = Fact()  # the default of every fact: nothing could be found out
