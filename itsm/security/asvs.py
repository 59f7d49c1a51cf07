"""OWASP Application Security Verification Standard 5.0, level 2: item by item, met by what and proven by which test.

The table is `asvs.toml` beside this file: the standard's numbers, a topic in our own words, and our answer. A test
holds it against the tree (tests/itsm/security/test_asvs.py): each item of levels 1 and 2 is there once, each that is
met names tests that exist, each that is not says why.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

SOURCE = Path(__file__).with_name("asvs.toml")
CHAPTERS = {
    1: _("Encoding and sanitisation"),
    2: _("Validation and business logic"),
    3: _("Web front end"),
    4: _("API and web service"),
    5: _("Files"),
    6: _("Authentication"),
    7: _("Sessions"),
    8: _("Authorisation"),
    9: _("Self-contained tokens"),
    10: _("OAuth and OIDC"),
    11: _("Cryptography"),
    12: _("Secure communication"),
    13: _("Configuration"),
    14: _("Data protection"),
    15: _("Secure coding and architecture"),
    16: _("Logging and error handling"),
    17: _("WebRTC"),
}


class Standing(models.TextChoices):
    """Our answer to a requirement. NOT_APPLICABLE: there is nothing here that it speaks of."""

    MET = "met", _("met")
    OPEN = "open", _("open")
    NOT_APPLICABLE = "not_applicable", _("does not apply")


TONES = {Standing.MET: "green", Standing.OPEN: "red", Standing.NOT_APPLICABLE: "grey"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One item. `number`: "6.3.3"; `level`: 1 or 2; `how`: where it is met, why it does not apply, what is missing;
    `tests`: paths of tests, "tests/itsm/test_x.py" or "tests/itsm/test_x.py::test_name"."""

    number: str
    level: int
    topic: str
    standing: Standing
    how: str
    tests: tuple[str, ...]

    @property
    def chapter(self) -> int:
        return int(self.number.split(".")[0])

    @property
    def tone(self) -> str:
        return TONES[self.standing]


@cache
def requirements() -> tuple[Requirement, ...]:
    """Every item of levels 1 and 2, in the standard's order."""
    found = [
        Requirement(
            number=number,
            level=int(said["level"]),
            topic=str(said["topic"]),
            standing=Standing(said["standing"]),
            how=str(said["how"]),
            tests=tuple(said.get("tests", ())),
        )
        for number, said in tomllib.loads(SOURCE.read_text("utf-8")).items()
    ]
    return tuple(sorted(found, key=lambda one: [int(part) for part in one.number.split(".")]))


def counts() -> dict[str, int]:
    """How many items stand how."""
    found = Counter(one.standing for one in requirements())
    return {str(standing): found[standing] for standing in Standing}


def share_met() -> int:
    """Of what applies, the whole percent that is met, rounded down; 0 where nothing is filed."""
    found = counts()
    applies = found[Standing.MET] + found[Standing.OPEN]
    return found[Standing.MET] * 100 // applies if applies else 0


def by_chapter(standing: str = "") -> list[tuple[str, list[Requirement]]]:
    """The items of one standing ("": of each) by the standard's chapters; chapters without any are left out."""
    rows = [one for one in requirements() if not standing or one.standing == standing]
    return [
        (f"V{number} {title}", [one for one in rows if one.chapter == number])
        for number, title in CHAPTERS.items()
        if any(one.chapter == number for one in rows)
    ]
