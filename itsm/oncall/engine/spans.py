"""Spans of seconds with something in them, in order and apart; one list is laid over another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from itsm.oncall.engine.turns import instant, week_of
from itsm.oncall.engine.values import WEEK, Layer, Source


@dataclass(frozen=True, slots=True)
class Span:
    """As a Shift, in seconds."""

    start: int
    end: int
    people: tuple[int, ...]
    source: Source
    line: int | None = None
    turn: int | None = None
    by: int | None = None


def laid_over(above: Sequence[Span], below: Sequence[Span]) -> list[Span]:
    """What is above, and between it what is below. Both in order, each apart in itself."""
    found: list[Span] = []
    place, place_below = 0, 0
    held: Span | None = None  # what is left of a span below
    while place < len(above) or held is not None or place_below < len(below):
        if held is None and place_below < len(below):
            held, place_below = below[place_below], place_below + 1
        top = above[place] if place < len(above) else None
        if held is None or (top is not None and top.start <= held.start):
            if top is None:
                break
            found.append(top)
            place += 1
            if held is not None:
                held = _from(held, top.end)
                while held is None and place_below < len(below):
                    held, place_below = _from(below[place_below], top.end), place_below + 1
        elif top is None or held.end <= top.start:
            found.append(held)
            held = None
        else:
            found.append(replace(held, end=top.start))
            held = replace(held, start=top.start)
    return found


def _from(span: Span, second: int) -> Span | None:
    if span.start >= second:
        return span
    return replace(span, start=second) if span.end > second else None


def pieces(start: int, end: int, edges: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The stretch cut at the edges that lie within it."""
    last = start
    for edge in sorted({one for one in edges if start < one < end}):
        yield last, edge
        last = edge
    yield last, end


def open_stretches(layer: Layer, begin: int, end: int) -> list[tuple[int, int]]:
    """When the restrictions let a layer cover anything, between two instants: in order, apart."""
    if not layer.stretches:
        return [(begin, end)]
    monday, last = week_of(begin, layer.zone), week_of(end, layer.zone)
    weeks = (last - monday).days // 7
    found = []
    for week in range(-1, weeks + 1):
        for one in layer.stretches:
            lasts = (one.end - one.start) % WEEK
            starts = instant(monday, week * WEEK + one.start, layer.zone)
            ends = instant(monday, week * WEEK + one.start + lasts, layer.zone)
            found.append((max(starts, begin), min(ends, end)))
    return _joined(found)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(one for one in found if one[0] < one[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
