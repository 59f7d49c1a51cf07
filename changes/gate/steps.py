"""Steps that a policy asks before an authority: who approves first, one step after the other.

Promise: pure data. Who that is by name is looked up when they are asked, by the one engine of approvals; the words are
those of an item's approvals: who, value, quorum, rule.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from itsm.kernel.actors import Role
from itsm.kernel.texts import is_blank

MOST_STEPS = 5
MOST_PARTS = 4
LONGEST_VALUE = 150
_QUORUM = re.compile(r"any|all|[1-9][0-9]?|100|([1-9][0-9]?|100)%", re.ASCII)


class StepRule(StrEnum):
    """How many parts of a step have to approve."""

    ALL = "all"
    ANY = "any"


class AskedFirst(StrEnum):
    """Who is asked in a part. Without a value a team lead is one of the team that owns the service."""

    MANAGER = "manager"
    TEAM_LEAD = "team_lead"
    SERVICE_OWNER = "service_owner"
    TEAM = "team"
    ROLE = "role"
    PERSON = "person"


_ROLES = tuple(role.value for role in Role)
_NAMED = frozenset({AskedFirst.TEAM, AskedFirst.ROLE, AskedFirst.PERSON})
_UNNAMED = frozenset({AskedFirst.MANAGER, AskedFirst.SERVICE_OWNER})


@dataclass(frozen=True, slots=True)
class PartBefore:
    """`value`: slug of a team, a role, a username. `quorum`: any, all, a number of people ("2"), a share ("50%")."""

    who: AskedFirst
    value: str = ""
    quorum: str = "any"


@dataclass(frozen=True, slots=True)
class StepBefore:
    """Parts that are asked beside each other."""

    parts: tuple[PartBefore, ...]
    rule: StepRule = StepRule.ALL


def step_problems(steps: Sequence[StepBefore], path: str) -> Iterator[str]:
    """What is wrong with the steps of an authority, each line begins with its path."""
    if not 1 <= len(steps) <= MOST_STEPS:
        yield f"{path}: 1 to {MOST_STEPS} steps; leave it out where nobody is asked before"
    for at, step in enumerate(steps):
        if not 1 <= len(step.parts) <= MOST_PARTS:
            yield f"{path}[{at}].parts: 1 to {MOST_PARTS} of them"
        for place, part in enumerate(step.parts):
            yield from _part_problems(part, f"{path}[{at}].parts[{place}]")


def _part_problems(part: PartBefore, path: str) -> Iterator[str]:
    if len(part.value) > LONGEST_VALUE:
        yield f"{path}.value: at most {LONGEST_VALUE} characters"
    elif part.who in _NAMED and is_blank(part.value):
        yield f"{path}.value: name the {part.who.value}"
    elif part.who in _UNNAMED and part.value:
        yield f"{path}.value: {part.who.value} takes none"
    elif part.who is AskedFirst.ROLE and part.value not in _ROLES:
        yield f"{path}.value: one of {', '.join(_ROLES)}"
    if not _QUORUM.fullmatch(part.quorum):
        yield f"{path}.quorum: any, all, a number of people up to 100, or a share such as 50%"
