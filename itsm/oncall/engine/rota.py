"""The final schedule: who is on duty when, by layers, swaps, absences and overrides. Only edges are visited."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from math import inf

from itsm.clocks.local_time import instant_of, seconds_of
from itsm.oncall.engine.spans import Span, laid_over, open_stretches, pieces
from itsm.oncall.engine.turns import people_of, turns
from itsm.oncall.engine.values import Layer, Override, Rota, Shift, Source, Swap

Absences = Mapping[int, Sequence[tuple[int, float]]]


def final(schedule: Rota, from_: datetime, to: datetime) -> list[Shift]:
    """Shifts from `from_` to `to` without a hole between them: what nobody has is a shift of nobody (`gap`).

    The newest override wins whole; else the topmost layer with somebody. Whole seconds.
    """
    begin, end = seconds_of(from_), seconds_of(to)
    if begin >= end:
        return []
    away = _absences(schedule)
    below: list[Span] = [Span(begin, end, (), Source.GAP)]
    for spans in reversed(_by_rank(schedule, begin, end, away)):
        below = laid_over(spans, below)
    return [_as_shift(one) for one in _joined(laid_over(_overriding(schedule.overrides, begin, end, away), below))]


def layer_shifts(schedule: Rota, line: int, from_: datetime, to: datetime) -> list[Shift]:
    """What one line of the schedule says by itself, after swaps and absences; holes are left out."""
    begin, end = seconds_of(from_), seconds_of(to)
    own = replace(schedule, layers=tuple(one for one in schedule.layers if one.line == line))
    spans = [span for rank in _by_rank(own, begin, end, _absences(schedule)) for span in rank]
    return [_as_shift(one) for one in sorted(spans, key=lambda one: one.start)]


def _by_rank(schedule: Rota, begin: int, end: int, away: Absences) -> list[list[Span]]:
    """Of each rank what it says, topmost first."""
    swaps: dict[tuple[int, int], list[Swap]] = defaultdict(list)
    for swap in sorted(schedule.swaps, key=lambda one: one.id):
        swaps[swap.line, swap.turn].append(swap)
    ranked = sorted(schedule.layers, key=lambda one: one.rank)
    found = []
    for _rank, layers in groupby(ranked, key=lambda one: one.rank):
        spans = [span for layer in layers for span in _spans(layer, begin, end, swaps, away)]
        found.append(sorted(spans, key=lambda one: one.start))
    return found


def _spans(
    layer: Layer, begin: int, end: int, swaps: Mapping[tuple[int, int], Sequence[Swap]], away: Absences
) -> Iterator[Span]:
    """What one version of a layer says where it has somebody."""
    begin = max(begin, seconds_of(layer.since)) if layer.since is not None else begin
    end = min(end, seconds_of(layer.until)) if layer.until is not None else end
    if begin >= end:
        return
    stretches = open_stretches(layer, begin, end)
    place = 0
    for turn in turns(layer, begin, end):
        people = people_of(layer, turn.number)
        while place < len(stretches) and stretches[place][1] <= turn.start:
            place += 1
        agreed, following = swaps.get((layer.line, turn.number), ()), place
        while following < len(stretches) and stretches[following][0] < turn.end:
            start, stop = max(stretches[following][0], turn.start), min(stretches[following][1], turn.end)
            plain = Span(start, stop, people, Source.LAYER, layer.line, turn.number)
            yield from _present(_swapped(plain, agreed), away)
            following += 1


def _swapped(span: Span, swaps: Sequence[Swap]) -> list[Span]:
    """A turn after its swaps, each of which lies on those before it."""
    spans = [span]
    for swap in swaps:
        edges = [seconds_of(edge) for edge in (swap.start, swap.end) if edge is not None]
        first = seconds_of(swap.start) if swap.start is not None else span.start
        last = seconds_of(swap.end) if swap.end is not None else span.end
        spans = [
            _given(piece, swap) if first <= piece.start < last else piece
            for one in spans
            for piece in (replace(one, start=start, end=end) for start, end in pieces(one.start, one.end, edges))
        ]
    return spans


def _given(span: Span, swap: Swap) -> Span:
    if swap.out not in span.people:
        return span
    people = tuple(dict.fromkeys(swap.into if one == swap.out else one for one in span.people))
    return replace(span, people=people, source=Source.SWAP, by=swap.id)


def _present(spans: Sequence[Span], away: Absences) -> Iterator[Span]:
    """What is left once those who are away are taken out; what nobody has is left out."""
    for span in spans:
        missing = {one: away[one] for one in span.people if one in away}
        if not missing:
            if span.people:
                yield span
            continue
        edges = [int(edge) for times in missing.values() for both in times for edge in both if edge != inf]
        for start, end in pieces(span.start, span.end, edges):
            people = tuple(one for one in span.people if not _is_away(missing.get(one, ()), start))
            if people:
                yield replace(span, start=start, end=end, people=people)


def _is_away(times: Sequence[tuple[int, float]], second: int) -> bool:
    return any(start <= second < end for start, end in times)


def _absences(schedule: Rota) -> Absences:
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one in schedule.away:
        found[one.person].append((seconds_of(one.start), inf if one.end is None else seconds_of(one.end)))
    return found


def _overriding(overrides: Sequence[Override], begin: int, end: int, away: Absences) -> list[Span]:
    """The overrides as they hold: the newest wins. Who left is in none; one of which all left is none."""
    found: list[Span] = []
    for one in sorted(overrides, key=lambda one: one.id):
        start, stop = max(seconds_of(one.start), begin), min(seconds_of(one.end), end)
        if start >= stop:
            continue
        whole = Span(start, stop, one.people, Source.OVERRIDE, by=one.id)
        found = laid_over(list(_present([whole], _left(away)) if one.people else [whole]), found)
    return found


def _left(away: Absences) -> Absences:
    """Those who are gone for good: an override brings back who is only away."""
    return {person: gone for person, times in away.items() if (gone := [one for one in times if one[1] == inf])}


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Neighbours that say the same for the same reason are one."""
    found: list[Span] = []
    for one in spans:
        if found and replace(found[-1], end=one.end) == replace(one, start=found[-1].start):
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found


def _as_shift(span: Span) -> Shift:
    return Shift(instant_of(span.start), instant_of(span.end), span.people, span.source, span.line, span.turn, span.by)
