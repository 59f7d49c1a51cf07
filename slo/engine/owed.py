"""Minutes that a source was asked for and did not answer: they stay owed, and are asked for again.

A piece is *failed* when the question for it had no usable answer (an error, partial data): it is asked again until
it is answered, however long that takes, and nothing is certain about a window that holds it. A piece without the
mark was answered without figures for its minutes, which may come late: it is asked again for a day and a half.
Stretches are half-open, in minutes since 1970.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slo.engine.samples import epoch_minute
from slo.engine.stretches import left_of

EMPTY_FOR = timedelta(hours=36)
SMALLEST = 60  # minutes: a piece that fails is asked in smaller ones, down to an hour
PARTS = 8  # of a piece that failed
_JOINED = 30  # minutes that may lie between two gaps of one piece
_LONGEST_EMPTY = 360
_WAITS = (1, 2, 5, 10, 20, 40, 60)  # minutes before a failed piece is asked for again


@dataclass(frozen=True, slots=True)
class Piece:
    """`attempts` questions were asked for it in vain; it is due from `next_at`."""

    first: int
    end: int
    failed: bool
    since: datetime
    next_at: datetime
    attempts: int = 1
    error: str = ""

    def meets(self, first: int, end: int) -> bool:
        """Whether it has a minute in common with [first, end), in epoch minutes."""
        return self.first < end and first < self.end


def answered(
    pieces: Sequence[Piece], first: int, end: int, missing: Collection[int], at: datetime, *, new_from: int,
    step: int = 1, error: str = "",
) -> list[Piece]:  # fmt: skip
    """What is owed now that these minutes were answered, without figures for the `missing` ones.

    Missing are minutes that were owed before, or were asked for the first time (from `new_from`): what was
    measured once is not lost because a source forgot it. `error` says why figures were no good.
    """
    met = [one for one in pieces if one.meets(first, end)]
    kept = [one for one in pieces if not one.meets(first, end)] + list(_outside(met, first, end))
    oldest = epoch_minute(at - EMPTY_FOR)
    wanted = sorted(
        minute
        for minute in missing
        if minute >= max(first, oldest) and (minute >= new_from or any(one.meets(minute, minute + 1) for one in met))
    )
    since = min((one.since for one in met), default=at)
    attempts = max((one.attempts for one in met), default=0) + 1
    gaps = [
        Piece(begins, ends, False, since, _soon(ends, at), attempts, error) for begins, ends in _hulls(wanted, step)
    ]
    joined = _joined(gaps, kept)  # takes out of `kept` what it joins
    return sorted([*kept, *joined], key=lambda one: one.first)


def failed(
    pieces: Sequence[Piece], first: int, end: int, error: str, at: datetime, *, in_parts: bool = False, step: int = 1
) -> list[Piece]:
    """What is owed now that the question for these minutes failed; `in_parts`: it is asked in smaller ones from now."""
    met = [one for one in pieces if one.meets(first, end) and one.failed]
    kept = [one for one in pieces if not one.meets(first, end)]
    kept += _outside([one for one in pieces if one.meets(first, end)], first, end)
    since = min((one.since for one in met), default=at)
    attempts = max((one.attempts for one in met), default=0) + 1
    next_at = at + timedelta(minutes=_WAITS[min(attempts, len(_WAITS)) - 1])
    before = next((one for one in kept if one.failed and one.end == first and end - one.first <= SMALLEST * step), None)
    if before is not None and not met:  # the newest minutes, each in its turn, make an hour
        kept.remove(before)
        first, since = before.first, before.since
    width = max(SMALLEST * step, -(-(end - first) // PARTS)) if in_parts else end - first
    width += -width % step
    parts = [(begins, min(begins + width, end)) for begins in range(first, end, width)]
    made = [Piece(begins, ends, True, since, next_at, attempts, error) for begins, ends in parts]
    return sorted([*kept, *made], key=lambda one: one.first)


def postponed(pieces: Sequence[Piece], one: Piece, at: datetime) -> list[Piece]:
    """Nobody answered for this piece, which was answered without figures before: it waits a little longer."""
    later = replace(one, attempts=one.attempts + 1, next_at=_soon(one.end, at))
    return [later if other == one else other for other in pieces]


def _outside(met: Sequence[Piece], first: int, end: int) -> Iterator[Piece]:
    for one in met:
        for begins, ends in left_of(one.first, one.end, [(first, end)]):
            yield replace(one, first=begins, end=ends)


def _hulls(minutes: Sequence[int], step: int) -> Iterator[tuple[int, int]]:
    """Stretches around these minutes, which stand at the end of their steps; small gaps between them are bridged."""
    first = last = None
    for minute in minutes:
        if first is None or last is None:
            first = minute
        elif minute - last > max(_JOINED, step) or minute - first >= _LONGEST_EMPTY:
            yield first - step + 1, last + 1
            first = minute
        last = minute
    if first is not None and last is not None:
        yield first - step + 1, last + 1


def _joined(gaps: list[Piece], kept: list[Piece]) -> list[Piece]:
    """Each new gap with the one shortly before it, where there is one; that one is taken out of `kept`."""
    found = []
    for gap in gaps:
        near = [
            one
            for one in kept
            if not one.failed and one.end <= gap.first <= one.end + _JOINED and gap.end - one.first <= _LONGEST_EMPTY
        ]
        for one in near[-1:]:
            kept.remove(one)
            gap = replace(
                gap, first=one.first, since=min(one.since, gap.since), next_at=min(one.next_at, gap.next_at),
                attempts=max(one.attempts, gap.attempts),
            )  # fmt: skip
        found.append(gap)
    return found


def _soon(end: int, at: datetime) -> datetime:
    """The older the gap, the longer until it is looked at again: a quarter of its age, an hour at most."""
    age = max(0, epoch_minute(at) - end)
    return at + timedelta(minutes=min(60, max(2, age // 4)))
