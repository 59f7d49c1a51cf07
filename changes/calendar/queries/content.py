"""What an approval of a lockdown is given for."""

from changes.calendar.models import CalendarWindow
from changes.gate.canonical import sha256_of, to_json


def content_hash(window: CalendarWindow) -> str:
    """SHA-256 of all that decides whom it hits and when. Two queries."""
    return sha256_of(
        {
            "name": window.name,
            "reason": window.reason,
            "times": to_json([window.starts_at, window.ends_at]),
            "services": sorted(window.services.values_list("pk", flat=True)),
            "with_dependents": window.with_dependents,
            "tiers": window.tiers,
            "teams": sorted(window.teams.values_list("pk", flat=True)),
            "environments": window.environments,
            "change_kinds": window.change_kinds,
        }
    )
