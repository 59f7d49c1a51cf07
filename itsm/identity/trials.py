"""What came of trying a connection: kept in the session of the administrator who tried, and nowhere else."""

from typing import Any

_TRIED = "identity_tried"


def note_tried(session: Any, slug: str, outcome: dict[str, Any]) -> None:
    """`outcome`: `Identified.as_kept` and what else is shown of it, or `refused` with a sentence."""
    session[_TRIED] = {"slug": slug, **outcome}


def tried(session: Any, slug: str) -> dict[str, Any] | None:
    """What came of it when this provider was tried last; None where it was another one, or none."""
    found = session.get(_TRIED)
    return found if isinstance(found, dict) and found.get("slug") == slug else None
