"""What a platform's body says, in its own names; which service of ours that is, the mapping says later."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from changes.delivery.formats.told import ToldCommit
from changes.delivery.vocabulary import Result, Rework

LONGEST_ID = 200


def whole_id(text: str) -> str:
    """A name by which something is known for ever, as a column keeps it: of a long one its beginning, and a hash of the
    whole. Cut, two deployments of one long prefix would be one, and the second never be looked at.
    """
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[: LONGEST_ID - 65]}#{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is deployed, in the platform's names. `service`: its word for ours, where it has one."""

    repository: str
    workflow: str = ""
    environment: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One deployment that a body tells of."""

    place: Place
    external_id: str
    result: Result
    version: str = ""
    artifact_digest: str = ""
    commit: str = ""
    run_id: str = ""
    url: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    who: str = ""
    rework: Rework = Rework.NONE
    commits: Sequence[ToldCommit] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A deployment that the platform holds until it is answered. `callback`: where, `key`: what is held, for ever."""

    place: Place
    key: str
    external_id: str
    callback: str
    installation: str = ""
    commit: str = ""
    version: str = ""
    artifact_digest: str = ""
    run_id: str = ""
    url: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a body holds. `nothing`: why nothing follows from it, where nothing does."""

    heard: tuple[Heard, ...] = ()
    held: Held | None = None
    nothing: str = ""
