"""What the five measures are, of facts that are given. Pure: instants are seconds since 1970, lengths hours.

Promise: a deployment fails by what is known of itself (how it ended, its change, an incident or a debit that names it),
never by being the nearest one before something went wrong; a service is compared with nobody.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from changes.dora.vocabulary import Because

HOUR, DAY = 3600.0, 86400.0


class Fact(NamedTuple):
    """A deployment to production that ended: `result` succeeded, failed or rolled_back. `change`: its number, or None;
    `rework`: it was a fix of an incident or a rollback."""

    id: int
    environment: str
    started: float
    ended: float
    result: str
    rework: str
    change: int | None

    @property
    def succeeded(self) -> bool:
        """It stands in production, whatever it caused there."""
        return self.result == "succeeded"


class Known(NamedTuple):
    """What else is known, by the number of the change: `rollbacks`: when the rollback of it ended; `incidents`: of each
    that names it as its cause when it was resolved, None where it was not; `debited`: changes whose debit is too high;
    `unsuccessful`: changes that were closed so. `later`: by environment, when the first deployment after the period
    succeeded."""

    rollbacks: Mapping[int, float]
    incidents: Mapping[int, Sequence[float | None]]
    debited: frozenset[int]
    unsuccessful: frozenset[int]
    later: Mapping[str, float]


class Judged(NamedTuple):
    """`because`: empty where it did not fail. `hours`: of recovery, None where nothing failed or it goes on."""

    fact: Fact
    because: tuple[Because, ...]
    began: float
    restored: float | None

    @property
    def hours(self) -> float | None:
        return None if self.restored is None else (self.restored - self.began) / HOUR


class LeadTimes(NamedTuple):
    """Hours from commit to production over commits; None where none is known."""

    commits: int
    median: float | None
    mean: float | None
    p90: float | None


class Figures(NamedTuple):
    """The measures of one period of so many `days`, with what they are counted of."""

    days: float
    deployments: int
    succeeded: int
    failed: int
    restored: int
    reworked: int
    lead: LeadTimes
    recovery: float | None

    @property
    def frequency(self) -> float | None:
        """Successful deployments a day."""
        return self.succeeded / self.days if self.days > 0 else None

    @property
    def fail_rate(self) -> float | None:
        return self.failed / self.deployments if self.deployments else None

    @property
    def rework_rate(self) -> float | None:
        return self.reworked / self.deployments if self.deployments else None


def judged(facts: Sequence[Fact], known: Known) -> list[Judged]:
    """Each deployment with why it failed, and when the service was whole again."""
    ends: dict[str, list[float]] = {}
    for fact in facts:
        if fact.succeeded:
            ends.setdefault(fact.environment, []).append(fact.ended)
    for those in ends.values():
        those.sort()
    marked = {*known.rollbacks, *known.incidents, *known.debited, *known.unsuccessful}
    # Most went well: nothing is looked up for them.
    return [
        Judged(fact, (), fact.ended, None)
        if fact.result == "succeeded" and fact.change not in marked
        else _judged(fact, known, ends)
        for fact in facts
    ]


def _judged(fact: Fact, known: Known, ends: Mapping[str, Sequence[float]]) -> Judged:
    because = _because(fact, known)
    if not because:
        return Judged(fact, (), fact.ended, None)
    restored = min(_restorations(fact, known, ends), default=None)
    # Where it was over before its end was told (taken back in the same run), it lasted from the start at the most.
    over_before = restored is not None and restored <= fact.ended
    return Judged(fact, because, fact.started if over_before else fact.ended, restored)


def _because(fact: Fact, known: Known) -> tuple[Because, ...]:
    taken_back = fact.result == "rolled_back" or fact.change in known.rollbacks
    found = (
        (Because.FAILED, fact.result == "failed"),
        (Because.ROLLED_BACK, taken_back),
        (Because.UNSUCCESSFUL, fact.change in known.unsuccessful),
        (Because.INCIDENT, fact.change in known.incidents),
        (Because.DEBIT, fact.change in known.debited),
    )
    return tuple(one for one, holds in found if holds)


def _restorations(fact: Fact, known: Known, ends: Mapping[str, Sequence[float]]) -> Iterable[float]:
    """The next success there, the rollback of this one, the resolution of what it caused: the earliest counts."""
    there = ends.get(fact.environment, ())
    after = bisect_right(there, fact.ended)
    if after < len(there):
        yield there[after]
    elif fact.environment in known.later:
        yield known.later[fact.environment]
    if fact.change is not None:
        taken_back = known.rollbacks.get(fact.change)
        if taken_back is not None and taken_back > fact.started:
            yield taken_back
        incidents = known.incidents.get(fact.change, ())
        if incidents and all(one is not None for one in incidents):
            last = max(one for one in incidents if one is not None)
            if last > fact.started:
                yield last
    if fact.result == "rolled_back":
        yield fact.ended


def figures(those: Sequence[Judged], lead: LeadTimes, days: float) -> Figures:
    """The measures of these deployments."""
    succeeded = failed = reworked = 0
    hours: list[float] = []
    for fact, because, began, restored in those:
        succeeded += fact.result == "succeeded"
        reworked += fact.rework != ""
        if because:
            failed += 1
            if restored is not None:
                hours.append((restored - began) / HOUR)
    hours.sort()
    return Figures(days, len(those), succeeded, failed, len(hours), reworked, lead, median(hours))


def median(ordered: Sequence[float]) -> float | None:
    """Of numbers in their order; None of none."""
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def by_part(those: Iterable[Judged], edges: Sequence[float]) -> list[list[Judged]]:
    """The deployments by the part of the period in which they ended; part n is [edges[n], edges[n + 1])."""
    parts: list[list[Judged]] = [[] for _ in edges[1:]]
    for one in those:
        place = bisect_right(edges, one.fact.ended) - 1
        if 0 <= place < len(parts):
            parts[place].append(one)
    return parts
