"""What stands in the calendar beside windows and changes, such as meetings of boards: those above register it."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from itsm.kernel.actors import Actor


class Besides(NamedTuple):
    """One thing with a page of its own."""

    name: str
    url: str
    starts_at: datetime
    ends_at: datetime


Source = Callable[[Actor, datetime, datetime], list[Besides]]
_sources: list[Source] = []


def come_from(source: Source) -> None:
    """`source(actor, begins, ends)` gives what the actor may see of it. Called once, at start."""
    if source not in _sources:
        _sources.append(source)


def between(actor: Actor, begins: datetime, ends: datetime) -> list[Besides]:
    """What meets [begins, ends), in order. A query a source."""
    found = [one for source in _sources for one in source(actor, begins, ends)]
    return sorted(found, key=lambda one: (one.starts_at, one.name))
