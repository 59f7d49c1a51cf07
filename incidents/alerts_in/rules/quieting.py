"""Which alerts a quiet holds: those of its services in its environment, exactly, that have its other labels as well."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NEVER = "never_silence"  # a label that keeps an alert loud, whatever it says


@dataclass(frozen=True, slots=True)
class Hush:
    """`services`: keys of services; `labels`: what an alert must say besides."""

    services: frozenset[int]
    environment: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def covers(self, service: int | None, environment: str, labels: Mapping[str, str]) -> bool:
        """Whether it holds this alert. One that does not say its environment stays loud."""
        if service not in self.services or environment != self.environment or labels.get(NEVER):
            return False
        return all(labels.get(name, "") == value for name, value in self.labels.items())
