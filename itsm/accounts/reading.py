"""Who looked at a record of a confidential queue: doors say what they show, and what notes it registers here."""

from collections.abc import Callable
from typing import Any

from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor

_noting: list[Callable[[Any, Actor], None]] = []


def noted_by(note: Callable[[Any, Actor], None]) -> None:
    """Called with (record, actor) for each that is read of a confidential queue. Once, at start."""
    _noting.append(note)


def was_read(record: Any, actor: Actor, *, noted_as: Actor | None = None) -> None:
    """A door shows the record (`team_id`, or `teams`: its queues) to somebody. Asks nothing of what lies in none.
    `noted_as`: who reads it with the actor's rights, where that is somebody else."""
    queues = _queues(record)
    if queues and actor.id is not None and not rights_in_queues(actor).confidential.isdisjoint(queues):
        for note in _noting:
            note(record, noted_as or actor)


def _queues(record: Any) -> list[int]:
    teams = getattr(record, "teams", None)
    return [
        one for one in (teams if isinstance(teams, list) else [getattr(record, "team_id", None)]) if one is not None
    ]
