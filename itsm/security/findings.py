"""What is open or weak, each with its remedy: checks that apps register, asked each time somebody looks.

A check looks at what there is (rows, settings), never at a mark that somebody set: what was mended is gone from the
page by itself. It reads only, and answers in a few indexed queries.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gravity(models.TextChoices):
    """How much a finding weighs. WEAK: somebody can profit from it now."""

    WEAK = "weak", _("weak")
    OPEN = "open", _("open")  # nothing is wrong yet, and somebody should decide
    GOOD = "good", _("holds")


class Area(models.TextChoices):
    """What a finding is about, in the order of the page."""

    INSTALLATION = "installation", _("The installation")
    PEOPLE = "people", _("People and their rights")
    WAYS_IN = "ways_in", _("Ways in")
    CONNECTIONS = "connections", _("What is connected")
    CUSTODY = "custody", _("What is kept")


TONES = {Gravity.WEAK: "red", Gravity.OPEN: "amber", Gravity.GOOD: "green"}
_ORDER = [Gravity.WEAK, Gravity.OPEN, Gravity.GOOD]
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a finding is about: what it is called, and its page."""

    name: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of a check. `key` is stable ("tokens-without-scopes"); `why`: what could happen; `remedy`: what to do.

    `records`: those concerned, at most 20 of them; `count`: how many there are. `path`: the page where it is mended.
    """

    key: str
    area: Area
    gravity: Gravity
    title: str
    why: str
    remedy: str = ""
    path: str | None = None
    records: Sequence[Named] = field(default_factory=tuple)
    count: int = 0

    @property
    def tone(self) -> str:
        return TONES[self.gravity]

    @property
    def more(self) -> int:
        """How many records are not listed."""
        return max(0, self.count - len(self.records))


Check = Callable[[], Iterable[Finding]]
_checks: list[Check] = []


def register_check(check: Check) -> None:
    """`check()` gives findings, good ones too: a page that lists only faults does not say what was looked at. Called
    once, in `ready()`."""
    if check not in _checks:
        _checks.append(check)


def all_findings() -> list[Finding]:
    """What every check finds now: by area, in it the gravest first, then in the order of the checks."""
    areas = list(Area)
    found = [finding for check in _checks for finding in check()]
    return sorted(found, key=lambda one: (areas.index(one.area), _ORDER.index(one.gravity)))


def listed(rows: Sequence[Any], count: int | None = None) -> dict[str, Any]:
    """`records` and `count` of a finding about these records, of which there are `count`."""
    named = tuple(Named(str(row), row.get_absolute_url()) for row in rows[:MOST_SHOWN])
    return {"records": named, "count": len(rows) if count is None else count}
