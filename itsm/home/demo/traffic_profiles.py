"""How hard each demo service burns at any minute: pure functions of time, 1 is exactly on budget.

Promise: a mood repeats with its service's window (or levels off), so the budget of a full window
stays where the mood puts it for ever, however long the desk was switched off: nothing to correct.
`since` is minutes since the demo was founded (negative: before), `minute` counts from 1970.
"""

from collections.abc import Callable
from math import pi, sin

from slo.engine.windows import MINUTES_PER_DAY

Mood = Callable[[int, int], float]

# A short blip now and then: too short for any alert, long enough to be a step in the chart.
_BLIP_EVERY_HOURS, _BLIP_MINUTES, _BLIP = 37, 5, 11.0
_BLIPS_AN_HOUR = 60 // _BLIP_MINUTES
_BLIP_SHARE = _BLIP * _BLIP_MINUTES / (_BLIP_EVERY_HOURS * 60)
# Not a divisor of a day: the wave and the day's traffic must not lean on one another.
_WAVE_MINUTES = 31 * 60

_FIRE_BEGAN, _FIRE_CALMS = -100, 60
_ROUND_DAYS, _BAD_FROM, _BAD_UNTIL = 28, 11, 25


def steady(level: float, *, seed: int = 0) -> Mood:
    """Burns about `level` on average, always below an alert for levels under 1."""

    def mood(since: int, minute: int) -> float:
        wave = 1 + 0.12 * sin(2 * pi * (minute + 97 * seed) / _WAVE_MINUTES)
        # By the founding, not by the hour: what a blip falls upon would be another story each time. By the clock within
        # it, so that it is one of the slices of objectives that count by slices, not a half of two.
        ago = minute // _BLIP_MINUTES - (minute - since) // _BLIP_MINUTES
        blip = _BLIP if (ago + 11 * _BLIPS_AN_HOUR * seed) % (_BLIP_EVERY_HOURS * _BLIPS_AN_HOUR) == 0 else 0.0
        return (level - _BLIP_SHARE) * wave + blip

    return mood


def on_fire(since: int, minute: int) -> float:
    """Broke shortly before the founding; from then on just enough for the page alert never to end.

    The least that keeps five per cent in six hours firing is 1.4 over a week's window: so it settles
    half a budget below nothing and stays there.
    """
    if since < _FIRE_BEGAN:
        return steady(0.30, seed=3)(since, minute)
    if since < _FIRE_CALMS:
        return 6.0
    return 1.5 + 0.03 * sin(2 * pi * minute / _WAVE_MINUTES)


def spent(since: int, minute: int) -> float:
    """Two bad weeks out of four, too gentle to page: the budget is gone though nothing burns today."""
    day = since // MINUTES_PER_DAY % _ROUND_DAYS
    return 2.0 if _BAD_FROM <= day < _BAD_UNTIL else 0.35
