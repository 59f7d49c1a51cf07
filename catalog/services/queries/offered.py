"""What a service offers to people, told by what lies above it: offerings know services, not the other way round."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Offered:
    """One offering as its audience sees it."""

    id: int
    name: str
    description: str


Read = Callable[[Actor, Collection[int]], Mapping[int, Sequence[Offered]]]

_reads: list[Read] = []


def come_from(read: Read) -> None:
    """Say who knows: `read(actor, ids of services)` gives what this actor sees of each, in one query. Called once, in
    `AppConfig.ready()`."""
    _reads[:] = [read]


def offered_by(actor: Actor, services: Collection[int]) -> Mapping[int, Sequence[Offered]]:
    """What each of these services offers to this actor. One query, none where there are no services."""
    return _reads[0](actor, services) if _reads and services else {}
