"""Plans of approval: steps one after the other, in a step parts beside each other. Pure: no query, no clock.

Promise: nothing is approved before each step is, in order; a step whose rule is "all" takes every part, one whose rule
is "any" a single one; a part takes its quorum of distinct people among those who were asked. One decline ends it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext

from itsm.kernel.errors import InvalidInput

MOST_STEPS = 10
MOST_PARTS = 10
LONGEST_NAME = 40


class PlanOutcome(StrEnum):
    """How a plan stands after an answer."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Part:
    """People who are asked the same: `quorum` of them approve. `name` is unique in its plan, `label` is for people."""

    name: str
    people: frozenset[int]
    quorum: int
    label: str


@dataclass(frozen=True, slots=True)
class Step:
    """Parts that are asked at once. `rule`: "all" of them approve, or "any" one of them."""

    parts: Sequence[Part]
    rule: str = "all"


class Standing(NamedTuple):
    """How a step stands: `outcome` of the step alone; `met`: names of the parts whose quorum is reached."""

    outcome: PlanOutcome
    met: frozenset[str]


def standing(step: Step, approved: Mapping[str, Set[int]], is_declined: bool) -> Standing:
    """`approved`: by part, the seats for which somebody approved; seats of people who were not asked count nothing."""
    met = frozenset(one.name for one in step.parts if len(approved.get(one.name, set()) & one.people) >= one.quorum)
    if is_declined:
        return Standing(PlanOutcome.DECLINED, met)
    needed = len(step.parts) if step.rule == "all" else 1
    return Standing(PlanOutcome.APPROVED if len(met) >= needed else PlanOutcome.OPEN, met)


def without(steps: Sequence[Step], excluded: Set[int]) -> tuple[Step, ...]:
    """The same steps, in which nobody who is excluded is asked.

    Raises InvalidInput: no steps or too many, a step without parts, two parts of one name, an unknown rule, a quorum
    that the people who are left cannot reach.
    """
    if not 1 <= len(steps) <= MOST_STEPS:
        raise InvalidInput.about("steps", gettext("1 to %(most)s steps.") % {"most": MOST_STEPS})
    names = [part.name for step in steps for part in step.parts]
    if len({*names}) < len(names) or any(not 1 <= len(name) <= LONGEST_NAME for name in names):
        raise InvalidInput.about(
            "steps",
            gettext("Each part has a name of its own, of 1 to %(most)s characters.") % {"most": LONGEST_NAME},
        )
    return tuple(Step(tuple(_parts(one, excluded)), one.rule) for one in steps)


def _parts(step: Step, excluded: Set[int]) -> list[Part]:
    if not 1 <= len(step.parts) <= MOST_PARTS:
        raise InvalidInput.about("steps", gettext("1 to %(most)s parts in a step.") % {"most": MOST_PARTS})
    if step.rule not in ("all", "any"):
        raise InvalidInput.about("steps", gettext("All parts of a step approve, or any one of them."))
    return [_part(one, one.people - excluded) for one in step.parts]


def _part(part: Part, people: frozenset[int]) -> Part:
    if not 1 <= part.quorum <= len(people):
        raise InvalidInput.about(
            "steps",
            gettext("%(label)s: %(quorum)s are to approve, and %(people)s may decide.")
            % {"label": part.label, "quorum": part.quorum, "people": len(people)},
        )
    return Part(part.name, people, part.quorum, part.label)


def as_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """As a plan keeps them."""
    return [
        {
            "rule": step.rule,
            "parts": [
                {"name": one.name, "label": one.label, "people": sorted(one.people), "quorum": one.quorum}
                for one in step.parts
            ],
        }
        for step in steps
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The same back."""
    return tuple(
        Step(
            tuple(Part(one["name"], frozenset(one["people"]), one["quorum"], one["label"]) for one in step["parts"]),
            step["rule"],
        )
        for step in kept
    )
