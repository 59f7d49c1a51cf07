"""How far a pull has come for one indicator: what was answered, what is owed now, what people read of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from slo.engine import owed
from slo.engine.owed import Piece
from slo.engine.samples import instant_of
from slo.measuring.models import Indicator
from slo.measuring.operations.pull_answers import Pulled

OVERLAP_MINUTES, OVERLAP_STEPS = 5, 3


def overlap_of(indicator: Indicator) -> int:
    """How many minutes before the last ones a pull asks for again."""
    return max(OVERLAP_MINUTES, OVERLAP_STEPS * indicator.step_minutes)


@dataclass(frozen=True, slots=True)
class Question:
    """The minutes to ask for; `piece` where they are asked for again, else they are new from `new_from` on."""

    first: int
    end: int
    new_from: int
    piece: Piece | None = None


@dataclass(slots=True)
class Progress:
    """How far a pull has come for one indicator."""

    indicator: Indicator
    pieces: list[Piece]
    until: int | None
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)
    bounded: int = 0

    def take(self, one: Pulled, question: Question, got: set[int], odd: str, at: datetime) -> None:
        """An answer, or none, to one question: what is owed now, and what people read."""
        step = self.indicator.step_minutes
        again = question.piece
        if one.error and again is not None and not again.failed:
            self.pieces = owed.postponed(self.pieces, again, at)
        elif one.error:
            first = again.first if again else question.new_from
            if first < one.end:
                self.pieces = owed.failed(
                    self.pieces, first, one.end, one.error, at, in_parts=one.in_parts and again is not None, step=step
                )
        else:
            missing = set(one.expected) - got
            self.pieces = owed.answered(
                self.pieces, one.first, one.end, missing, at, new_from=question.new_from, step=step, error=odd
            )
        if again is None:
            self.until = max(self.until or 0, one.end)
            self._note(one, odd, at)
            self.bounded += sum(minute >= question.new_from for minute in one.bounded)

    def _note(self, one: Pulled, odd: str, at: datetime) -> None:
        self.error, self.warnings = one.error or odd, list(one.warnings)
        if one.error or not one.expected:
            return
        silent = dict(self._silent(one))
        if self.silent and not silent:  # what was delayed has come: all of it is asked for now
            self.pieces = [piece if piece.failed else replace(piece, next_at=at) for piece in self.pieces]
        self.silent = silent

    def _silent(self, one: Pulled) -> Iterator[tuple[str, str]]:
        """(query, since when it gives no series) for those that gave none in the newest minutes."""
        for name, newest in sorted(one.newest.items()):
            known = self.silent.get(name)
            if newest is None:
                yield name, known or instant_of(one.first).isoformat()
            elif one.end - newest > overlap_of(self.indicator):
                yield name, instant_of(newest + 1).isoformat()
