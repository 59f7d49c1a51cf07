"""What a budget must be, worked out the slow way: minute by minute, in fractions, without prefix sums or SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from slo.engine.burn import rounded_down, rounded_up
from slo.engine.levels import LIMITS, LOOKS, MARGIN, level_of
from slo.engine.prefix import Counts
from slo.engine.states import LEVELS, Flag, Level
from slo.engine.windows import ALERT_ROWS, PPB, WINDOWS

Minutes = Mapping[int, Counts]


@dataclass(frozen=True)
class Terms:
    """One version: which minutes it judges, by which budget, from which measurements."""

    minutes: Minutes
    budget_ppb: int
    first: int
    end: int


@dataclass(frozen=True)
class Spell:
    """What lies in one window: events, allowed failures (both in thousandths), minutes with a sample."""

    bad: int
    total: int
    allowed: Fraction
    valid: int

    @property
    def burn(self) -> Fraction:
        return Fraction(self.bad) / self.allowed if self.allowed else Fraction(0)


@dataclass(frozen=True)
class Verdict:
    watermark: int
    remaining: object
    burn: list[object]
    coverage: Fraction
    flags: set[Flag]
    level: Level
    firing: list[str]


def spell(terms: Sequence[Terms], first: int, end: int) -> Spell:
    bad = total = valid = 0
    allowed = Fraction(0)
    for one in terms:
        for minute, counts in one.minutes.items():
            if first <= minute < end and one.first <= minute < one.end:
                bad, total, valid = bad + counts.bad, total + counts.total, valid + 1
                allowed += Fraction(counts.total * one.budget_ppb, PPB)
    return Spell(bad, total, allowed, valid)


def judge(
    terms: Sequence[Terms], minute: int, window_days: int, before: Level | None, late_seconds: int = 0
) -> Verdict:
    """The budget at the start of `minute` (plus some seconds), by the measurements of closed minutes alone."""
    closed = [m for m in terms[-1].minutes if m < minute]
    end = max(closed) + 1 if closed else minute
    width = window_days * 1440
    spells = {name: spell(terms, end - minutes, end) for name, minutes in WINDOWS.items()}
    whole = spell(terms, end - width, end)
    firing = [row for row in ALERT_ROWS if _fires(spells[row.long], spells[row.short], row.factor(window_days))]
    remaining = rounded_down(1 - whole.burn)
    flags = {Flag(f"burning_{'fast' if row.severity == 'page' else 'slow'}") for row in firing}
    if not closed or (minute - end) * 60 + late_seconds > 600:
        flags.add(Flag.NO_DATA)
    if Fraction(whole.valid, width) < Fraction(9, 10) or whole.allowed < 10_000:
        flags.add(Flag.LOW_CONFIDENCE)
    if whole.valid and not whole.total:
        flags.add(Flag.NO_TRAFFIC)
    return Verdict(
        watermark=end,
        remaining=remaining,
        burn=[rounded_up(spells[name].burn) for name in WINDOWS],
        coverage=Fraction(whole.valid, width),
        flags=flags,
        level=_level(terms, end, width, before),
        firing=[row.long for row in firing],
    )


def _fires(long: Spell, short: Spell, factor: Fraction) -> bool:
    enough = long.allowed / 1000 * factor >= 1
    return enough and long.burn > factor and short.burn > factor


def _level(terms: Sequence[Terms], end: int, width: int, before: Level | None) -> Level:
    now = level_of(rounded_down(1 - spell(terms, end - width, end).burn))
    if before is None or LEVELS.index(now) >= LEVELS.index(before):
        return now
    worst = max(spell(terms, end - back - width, end - back).burn for back in LOOKS)
    earned = next((level for level, limit in LIMITS.items() if 1 - worst > Fraction(limit + MARGIN)), Level.EXHAUSTED)
    return min(earned, before, key=LEVELS.index)
