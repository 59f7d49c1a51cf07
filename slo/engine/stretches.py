"""Stretches of time, half-open, in minutes since 1970."""

from collections.abc import Iterator, Sequence

Stretch = tuple[int, int]


def left_of(first: int, end: int, masked: Sequence[Stretch]) -> Iterator[Stretch]:
    """What the masks, in any order and overlapping or not, leave of [first, end), oldest first."""
    for begins, ends in sorted(masked):
        if begins >= end:
            break
        if begins > first:
            yield first, begins
        first = max(first, ends)
    if first < end:
        yield first, end
