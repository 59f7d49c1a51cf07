"""One alert as a sender told it, whoever sent it; the parts that readers of all shapes of alerts share."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.intake.reading import NotOurs as NotOurs
from itsm.intake.reading import instant as instant
from itsm.intake.reading import links as links
from itsm.intake.reading import one_of as one_of
from itsm.intake.reading import text as text
from itsm.intake.reading import texts as texts

MOST = 5_000  # alerts of a body
FIRING, RESOLVED, ACKNOWLEDGED = "firing", "resolved", "acknowledged"


class TooMany(NotOurs):
    """More alerts than one body may hold."""


@dataclass(frozen=True, slots=True)
class Told:
    """`started_at`, `ended_at`: None where the sender does not say. `key`: names the message for who repeats it."""

    fingerprint: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    title: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    severity: str = ""
    key: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An alert that cannot be read, as it came, and why."""

    raw: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a body holds. `truncated`: so many more the sender cut off."""

    told: tuple[Told, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    truncated: int = 0


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """For a sender that names none: SHA-256 of the sorted labels."""
    return hashlib.sha256(json.dumps(sorted(labels.items()), ensure_ascii=False).encode()).hexdigest()


def titled(*values: Any) -> str:
    """The first of them that says something, on one line."""
    for one in values:
        words = " ".join(text(one).split())
        if words:
            return words[:160]
    return _("(alert without a name)")
