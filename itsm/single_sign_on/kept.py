"""What a browser's session keeps of a sign-in that it began: ten minutes, once, and of the last few alone."""

from datetime import datetime
from typing import Any

LIFETIME = 600.0  # seconds
_MOST = 4
_NAME = "single_sign_on"


def keep(session: Any, key: str, said: dict[str, Any], *, at: datetime) -> None:
    """`key`: what the answer will name: the state, or the request's ID."""
    known = {name: one for name, one in session.get(_NAME, {}).items() if at.timestamp() - one["at"] < LIFETIME}
    newest = sorted(known.items(), key=lambda pair: pair[1]["at"])[-_MOST + 1 :]
    session[_NAME] = {**dict(newest), key: {**said, "at": at.timestamp()}}


def take(session: Any, key: str, slug: str, *, at: datetime) -> dict[str, Any] | None:
    """What was kept under this key for this provider; it is gone from the session then. None where nothing was."""
    known = dict(session.get(_NAME, {}))
    found: dict[str, Any] | None = known.pop(key, None)
    if found is None or found["slug"] != slug or at.timestamp() - found["at"] > LIFETIME:
        return None
    session[_NAME] = known
    return found
