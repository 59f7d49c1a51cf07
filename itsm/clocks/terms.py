"""What a clock counts by: a snapshot, so that neither an agreement nor a calendar can change the past. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

WARN = (50, 75)  # per cent of the target, where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Level:
    """What happens `after_s` counted seconds after the due: who is told (`lead`, `team`, `assignee`), where it goes."""

    after_s: int
    tell: tuple[str, ...] = ()
    raise_to: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Keys of a calendar and its version, None for every second; of an agreement and its version, None without one.

    The labels are what people read of both ("Berlin v7", "Gold v4"). No target: it is counted and never due.
    """

    target_s: int | None = None
    calendar: int | None = None
    calendar_version: int | None = None
    calendar_label: str = ""
    agreement: int | None = None
    agreement_version: int | None = None
    agreement_label: str = ""
    warn: tuple[int, ...] = WARN
    levels: tuple[Level, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a clock and its events keep it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Terms":
        """What was kept by `to_json`."""
        levels = tuple(Level(one["after_s"], tuple(one["tell"]), one["raise_to"]) for one in kept.get("levels", ()))
        plain = {name: value for name, value in kept.items() if name not in ("levels", "warn")}
        return cls(**plain, warn=tuple(kept.get("warn", WARN)), levels=levels)
