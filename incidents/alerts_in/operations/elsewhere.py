"""Events that come by the door of CDEvents and are about something else than incidents: what lies above takes them."""

from collections.abc import Callable
from typing import Any

from itsm.kernel.actors import Actor

Take = Callable[..., object]
_takers: list[Take] = []


def events_go_to(take: Take) -> None:
    """`take(document, raw, actor=...)` looks at each event that came, and does what is its own. Called at start."""
    if take not in _takers:
        _takers.append(take)


def hand_on(document: Any, raw: bytes, *, actor: Actor) -> None:
    """Show it to who takes events. Raises NotPermitted, InvalidInput, as they do: then
    the event was not taken."""
    for take in _takers:
        take(document, raw, actor=actor)
