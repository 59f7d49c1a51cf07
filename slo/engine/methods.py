"""The three budgeting methods of OpenSLO, and how a slice of time counts. Exact integers only.

Occurrences sum events. The other two evaluate slices (UTC-aligned, a whole number of them in an hour) and
sum those: a slice is one unit, bad whole (timeslices) or by its share of bad events (ratio timeslices).
What is known of a slice stands at its last minute, so that it counts from the moment it is closed.
Several members are a composite: one budget over several indicators.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from slo.engine.prefix import MINUTES, Counts
from slo.engine.windows import PPB


class Method(StrEnum):
    """What an objective counts (OpenSLO `budgetingMethod`)."""

    OCCURRENCES = "occurrences"
    TIMESLICES = "timeslices"
    RATIO_TIMESLICES = "ratio_timeslices"


class MissingSlices(StrEnum):
    """What a slice without any sample counts as; slice methods only."""

    EXCLUDED = "excluded"
    GOOD = "good"
    BAD = "bad"


# How much one event or one slice is in the sums: thousandths of an event or slice, billionths of a slice.
UNIT: dict[Method, int] = {Method.OCCURRENCES: 1000, Method.TIMESLICES: 1000, Method.RATIO_TIMESLICES: PPB}

SLICE_MINUTES: tuple[int, ...] = tuple(width for width in range(1, MINUTES + 1) if MINUTES % width == 0)

# Where a single failure would fire an alert row by itself, the row takes so many bad events or slices instead.
MIN_BAD: dict[Method, int] = {Method.OCCURRENCES: 5, Method.TIMESLICES: 2, Method.RATIO_TIMESLICES: 1}

# A budget that allows fewer failures than this over its window has low confidence.
MIN_ALLOWED: dict[Method, int] = {Method.OCCURRENCES: 10, Method.TIMESLICES: 2, Method.RATIO_TIMESLICES: 2}

PPM = 1_000_000

_QUIET = Counts(0, 0)
_GOOD_SLICE = Counts(0, UNIT[Method.TIMESLICES])
_BAD_SLICE = Counts(UNIT[Method.TIMESLICES], UNIT[Method.TIMESLICES])
_FLAWLESS = Counts(0, UNIT[Method.RATIO_TIMESLICES])


# Of several members: a slice's last minute, and each member's (bad, total) in it.
_Slices = Iterable[tuple[int, tuple[tuple[int, int], ...]]]


@dataclass(frozen=True, slots=True)
class Member:
    """One indicator of an objective: a slice is good at or above its target; its shortfall counts `weight_ppm` / 10^6.

    Only timeslices read the target, only ratio timeslices the weight.
    """

    indicator_id: int
    time_slice_target_ppb: int = PPB
    weight_ppm: int = PPM


def slices_of_hour(
    members: Sequence[Member], hours: Sequence[Mapping[int, Counts]], method: Method, slice_minutes: int
) -> dict[int, Counts]:
    """The slices of one UTC hour: each slice's last minute (0-59) -> its counts in the method's unit.

    `hours` holds each member's samples in the members' order: minute (0-59) -> thousandths of an event.
    A slice that any member has no sample of is absent; one without events is there as (0, 0). Occurrences
    of a single member are returned as they are. ValueError for anything else that cannot be evaluated.
    """
    if not members or len(members) != len(hours):
        raise ValueError("An objective has at least one member, and each member one hour of samples.")
    if slice_minutes not in SLICE_MINUTES:
        raise ValueError("A slice lasts a number of minutes that divides an hour.")
    if method is Method.OCCURRENCES:
        if len(members) > 1 or slice_minutes != 1:
            raise ValueError("Occurrences are counted minute by minute, one indicator at a time.")
        return dict(hours[0])
    slices = [_slices(hour, slice_minutes) for hour in hours]
    if len(slices) == 1:
        simple = _slices_by_target_of_one if method is Method.TIMESLICES else _slices_by_ratio_of_one
        return simple(members[0], slices[0])
    evaluate = _slices_by_target if method is Method.TIMESLICES else _slices_by_ratio
    known: set[int] = reduce(set.intersection, slices[1:], set(slices[0]))
    return evaluate(members, ((last, tuple(one[last] for one in slices)) for last in sorted(known)))


def _slices(samples: Mapping[int, Counts], width: int) -> Mapping[int, tuple[int, int]]:
    """Each slice's last minute -> (bad, total) over its samples."""
    if width == 1:
        return samples
    sums: dict[int, tuple[int, int]] = {}
    for minute, (bad, total) in samples.items():
        last = minute - minute % width + width - 1
        before = sums.get(last, _QUIET)
        sums[last] = (before[0] + bad, before[1] + total)
    return sums


def _slices_by_target_of_one(member: Member, slices: Mapping[int, tuple[int, int]]) -> dict[int, Counts]:
    """`_slices_by_target` of a single member, which is what nearly every ingested minute asks for."""
    allowed = PPB - member.time_slice_target_ppb
    return {
        last: (_BAD_SLICE if bad * PPB > allowed * total else _GOOD_SLICE) if total else _QUIET
        for last, (bad, total) in slices.items()
    }


def _slices_by_ratio_of_one(member: Member, slices: Mapping[int, tuple[int, int]]) -> dict[int, Counts]:
    """`_slices_by_ratio` of a single member."""
    weight = member.weight_ppm * (PPB // PPM)
    return {
        last: (Counts(min(PPB, -(-weight * bad // total)), PPB) if bad else _FLAWLESS) if total else _QUIET
        for last, (bad, total) in slices.items()
    }


def _slices_by_target(members: Sequence[Member], slices: _Slices) -> dict[int, Counts]:
    """Bad where any member's success is below its target: good / total < tau, hence bad / total > 1 - tau."""
    allowed = [PPB - member.time_slice_target_ppb for member in members]
    counted: dict[int, Counts] = {}
    for last, found in slices:
        verdict = _QUIET
        for (bad, total), share in zip(found, allowed, strict=True):
            if bad * PPB > share * total:
                verdict = _BAD_SLICE
                break
            if total:
                verdict = _GOOD_SLICE
        counted[last] = verdict
    return counted


def _slices_by_ratio(members: Sequence[Member], slices: _Slices) -> dict[int, Counts]:
    """The members' shortfalls, each times its weight, added up exactly, at most one whole slice, rounded up."""
    weights = [member.weight_ppm for member in members]
    counted: dict[int, Counts] = {}
    for last, found in slices:
        # The sum is kept as one fraction; its denominator stays 0 while every member is quiet.
        over, under = 0, 0
        for (bad, total), weight in zip(found, weights, strict=True):
            if total:
                over, under = (over * total + weight * bad * under, under * total) if under else (weight * bad, total)
        counted[last] = Counts(min(PPB, -(-over * (PPB // PPM) // under)), PPB) if under else _QUIET
    return counted
