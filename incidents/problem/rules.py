"""What recurs: incidents of a service that are alike. Pure functions of titles, keys and instants; no database.

Titles are alike from a similarity of 0.6 on: the trigrams that two of them share, of all that they have, as pg_trgm of
PostgreSQL counts them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

ALIKE_WITHIN, ALIKE_FROM = timedelta(days=14), 3
GRAVE_WITHIN, GRAVE_FROM = timedelta(days=30), 2
UNOWNED_FROM_PERCENT = 10
RESTS = timedelta(days=28)
SIMILAR_FROM = 0.6
MOST_TITLES = 100  # of one service: pairs are compared
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as recurrence sees it. `alert_rule`: what opened it, empty for people."""

    id: int
    service: int
    title: str
    category: int | None
    alert_rule: str
    opened_at: datetime
    is_grave: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents of a service that have something in common: `alert`, `title`, `category` or `grave`.

    `signature`: by which the same is known again. `least`: from how many on they recur.
    """

    service: int
    by: str
    signature: str
    incidents: tuple[Seen, ...]
    least: int


def alike(incidents: Sequence[Seen], at: datetime) -> list[Group]:
    """Three or more of one service in fourteen days with the same alert rule, similar titles, or the same category."""
    lately: dict[int, list[Seen]] = defaultdict(list)
    for one in sorted(incidents, key=lambda seen: seen.id):
        if at - ALIKE_WITHIN < one.opened_at <= at:
            lately[one.service].append(one)
    found: list[Group] = []
    for service, here in lately.items():
        if len(here) >= ALIKE_FROM:
            found += _by_key(service, "alert", here, lambda seen: seen.alert_rule)
            found += _by_title(service, here)
            found += _by_key(service, "category", here, lambda seen: str(seen.category or ""))
    return found


def grave(incidents: Sequence[Seen], at: datetime) -> list[Group]:
    """Two or more grave ones of one service in thirty days."""
    lately: dict[int, list[Seen]] = defaultdict(list)
    for one in sorted(incidents, key=lambda seen: seen.id):
        if one.is_grave and at - GRAVE_WITHIN < one.opened_at <= at:
            lately[one.service].append(one)
    return [
        Group(service, "grave", f"grave:{service}", tuple(here), GRAVE_FROM)
        for service, here in lately.items()
        if len(here) >= GRAVE_FROM
    ]


def _by_key(service: int, by: str, here: Sequence[Seen], key: Callable[[Seen], str]) -> list[Group]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in here:
        if value := key(one):
            groups[value].append(one)
    return [
        Group(service, by, f"alike:{service}:{by}:{value}"[:200], tuple(group), ALIKE_FROM)
        for value, group in groups.items()
        if len(group) >= ALIKE_FROM
    ]


def _by_title(service: int, here: Sequence[Seen]) -> list[Group]:
    """Around each title, oldest first, what is similar to it; what is in a group is in no other."""
    taken: set[int] = set()
    found = []
    recent = here[-MOST_TITLES:]
    for middle in recent:
        if middle.id in taken:
            continue
        group = [one for one in recent if one.id not in taken and are_similar(middle.title, one.title)]
        if len(group) >= ALIKE_FROM:
            taken |= {one.id for one in group}
            named = sha256(" ".join(sorted(trigrams(middle.title))).encode()).hexdigest()[:16]
            found.append(Group(service, "title", f"alike:{service}:title:{named}", tuple(group), ALIKE_FROM))
    return found


def are_similar(one: str, other: str) -> bool:
    """Whether two titles are alike."""
    mine, theirs = trigrams(one), trigrams(other)
    both = len(mine & theirs)
    return both > 0 and both / (len(mine) + len(theirs) - both) >= SIMILAR_FROM


@lru_cache(maxsize=4096)
def trigrams(title: str) -> frozenset[str]:
    """Those of its words, each with two blanks before and one behind it."""
    padded = (f"  {word} " for word in _WORD.findall(title.lower()))
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))
